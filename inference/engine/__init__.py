"""The inference process: live frames in, faces out (``python -m inference.engine``)."""
