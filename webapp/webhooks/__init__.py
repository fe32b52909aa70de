"""Webhooks: addresses elsewhere that are told when something is ready, signed and without names."""
