"""Encore's vision: faces, names, emotions and portraits, with no knowledge of the web.

Importing this package loads nothing heavy; each module imports what it needs.
"""
