"""Whose moments they are: names that come later, and people who become one."""
