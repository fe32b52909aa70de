"""Names as people type them: one way to write them down, and one way to compare them.

Databases cannot be asked: SQLite folds ASCII only, PostgreSQL as its locale says, and neither
joins an accent to its letter. So what is compared is folded here and stored beside the name.
"""

import unicodedata
from typing import Any

from django.db import models

MAX_NAME_LENGTH = 120
"""Letters of what a user or a camera calls something."""


def tidied(raw: str) -> str:
    """Return a name composed (NFC), without control characters, with single blanks.

    Marks that turn the writing direction go as well; a name could pose as another with them.
    """
    composed = unicodedata.normalize("NFC", raw)
    visible = "".join(" " if _is_invisible(letter) else letter for letter in composed)
    return " ".join(visible.split())


def folded(name: str) -> str:
    """Return what all spellings of a name have in common: no case, no width, one normal form.

    ``ROSÉ`` and ``rosé`` are one, joined or not, wide or not; ``Rose`` is somebody else.
    Folding can make a text decomposed or wide again, so it is done until nothing changes.
    """
    text = tidied(name)
    while (again := unicodedata.normalize("NFKC", text).casefold()) != text:
        text = again
    return " ".join(text.split())


def loosened(name: str) -> str:
    """Return what is searched for: folded, without accents and blanks, so ``rose`` finds ``ROSÉ``.

    ``static/js/people/search.js`` does the same in pages.
    """
    apart = unicodedata.normalize("NFKD", folded(name))
    return "".join(one for one in apart if not unicodedata.category(one).startswith(("M", "Z")))


def _is_invisible(letter: str) -> bool:
    """Whether a letter is a control, format, surrogate or unassigned one."""
    return unicodedata.category(letter).startswith("C")


class FoldedField(models.CharField):  # type: ignore[type-arg]
    """The folded form of another field of the same row, written whenever the row is saved.

    ``save(update_fields=...)`` has to name it beside its source; ``QuerySet.update`` passes by.

    Args:
        of: Name of the field that is folded.
    """

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Return how a migration makes this field again."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001 - Django's
        """Fold the name as it is written."""
        value = folded(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value
