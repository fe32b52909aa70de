"""Readers of the data sets, each with its layout checked."""
