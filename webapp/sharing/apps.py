"""Django's entry to the sharing app."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Links for viewers without an account."""

    name = "webapp.sharing"
    label = "sharing"
