"""Encore's photos."""
