"""The media folder: whose it is, what lies in it, and what of it may be removed."""
