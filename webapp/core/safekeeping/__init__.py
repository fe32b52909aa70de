"""Copies of the installation, and whether all its files are there and whole."""
