"""What apps above hear of users."""

from webapp.core.extension.signals import Signal

faces_forgotten = Signal[int]()
"""The user with this id wants everything deleted by which their photos name faces, for good."""

locked_out = Signal[int]()
"""The user with this id may not come in any more."""

user_moved = Signal[int, str]()
"""The user with this id lives in this time zone from now on."""
