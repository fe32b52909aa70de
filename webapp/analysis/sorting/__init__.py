"""Sorting faces out: who is who, what is no face, and taking back what was decided."""
