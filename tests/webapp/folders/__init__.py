"""Tests of roles, rights, members and invitations."""
