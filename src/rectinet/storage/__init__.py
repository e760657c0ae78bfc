"""Models as files: JSON beside safetensors, checked in full when read, and no code in them."""

from rectinet.storage.folder import load_model, save_model
from rectinet.storage.model import StoredModel

__all__ = ["StoredModel", "load_model", "save_model"]
