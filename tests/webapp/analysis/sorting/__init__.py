"""Tests of sorting faces out."""
