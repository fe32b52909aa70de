"""What was written down in English, said in the language of whoever reads it.

Workers, decoders and engines say why something failed, or why a picture was chosen, long before
anybody reads it, and keep it in English. A sentence with figures in it is known again by the
catalogue's sentence with holes.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import parse_cookie
from django.utils.translation import get_language, get_supported_language_variant, gettext, override
from django.utils.translation.trans_real import parse_accept_lang_header, translation

_HOLE = re.compile(r"%\((\w+)\)s")


def said(text: str) -> str:
    """Return a sentence, or several words parted by commas, in the language of the page.

    What nobody has translated comes back as it is.
    """
    language = get_language() or settings.LANGUAGE_CODE
    if not text or language == settings.LANGUAGE_CODE:
        return text
    whole = gettext(text)
    if whole != text:
        return whole
    words = text.split(", ")
    spoken = [gettext(word) for word in words]
    if all(one != word for one, word in zip(spoken, words, strict=True)):
        return ", ".join(spoken)
    return _with_its_figures(text, language)


def said_to(scope: Mapping[str, Any], text: str) -> str:
    """Return a sentence in the language of the browser at the other end of a websocket."""
    with override(_language_of(scope)):
        return said(text)


def _with_its_figures(text: str, language: str) -> str:
    for pattern, translated in _with_holes(language):
        match = pattern.fullmatch(text)
        if match:
            return translated % match.groupdict()
    return text


@lru_cache
def _with_holes(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences that have holes for figures, as patterns, with their translations.

    The longest come first: the more is said beside the figures, the surer it is the sentence.
    """
    found = []
    for known, translated in translation(language)._catalog.items():  # type: ignore[attr-defined]
        if isinstance(known, str) and known.endswith(".") and _HOLE.search(known):
            parts = _HOLE.split(known.replace("%%", "%"))
            pattern = re.escape(parts[0])
            for name, rest in zip(parts[1::2], parts[2::2], strict=True):
                hole = f"(?P={name})" if f"<{name}>" in pattern else f"(?P<{name}>.+?)"
                pattern += hole + re.escape(rest)
            found.append((len(known), re.compile(pattern, re.DOTALL), translated))
    found.sort(key=lambda one: -one[0])
    return [(pattern, translated) for _, pattern, translated in found]


def _language_of(scope: Mapping[str, Any]) -> str:
    """Return the language of a handshake, chosen as for a page: by its cookie, else its browser."""
    headers = {name: value.decode("latin-1") for name, value in scope.get("headers", ())}
    cookie = parse_cookie(headers.get(b"cookie", "")).get(settings.LANGUAGE_COOKIE_NAME, "")
    accepted = parse_accept_lang_header(headers.get(b"accept-language", ""))
    for wanted in (cookie, *(code for code, _ in accepted)):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
