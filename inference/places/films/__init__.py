"""Places in films, one module for each kind of structure."""
