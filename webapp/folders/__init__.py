"""Watched folders: what comes into them is brought into the library by itself."""
