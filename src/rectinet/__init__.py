"""Deep sparse rectifier networks, after Glorot, Bordes and Bengio (AISTATS 2011)."""

__version__ = "0.1.0"
