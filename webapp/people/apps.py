"""The people app: who can be recognised."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Groups, people and their references."""

    name = "webapp.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
