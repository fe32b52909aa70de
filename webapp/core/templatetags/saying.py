"""What was kept in English, in the language of the page."""

from django import template

from webapp.core.words.said import said

register = template.Library()
register.filter("said", said)
