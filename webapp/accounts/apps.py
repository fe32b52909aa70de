"""Django's entry to the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, set-up, sessions and consent."""

    name = "webapp.accounts"
    label = "accounts"
