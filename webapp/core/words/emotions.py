"""The emotions in the language of the page; the models and the database know them in English."""

from django.utils.translation import gettext, gettext_noop

_WORDS = (
    gettext_noop("anger"),
    gettext_noop("contempt"),
    gettext_noop("disgust"),
    gettext_noop("fear"),
    gettext_noop("happy"),
    gettext_noop("neutral"),
    gettext_noop("sad"),
    gettext_noop("surprised"),
)


def in_words(labels: str) -> str:
    """Return one emotion, or several parted by commas, as the user's language says them."""
    return ", ".join(gettext(label) for label in labels.split(", "))
