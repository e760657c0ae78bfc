"""Models as files: JSON beside safetensors, checked in full when read, and no code in them."""

from rectinet.storage.folder import MODEL_FILE, load_model, save_model
from rectinet.storage.model import StoredModel

__all__ = ["MODEL_FILE", "StoredModel", "load_model", "save_model"]
