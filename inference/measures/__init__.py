"""Measures that training watches and evaluation reports: of classes and of masks."""
