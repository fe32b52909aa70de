"""Carries what a session shows from the web process of its camera to those of its viewers."""
