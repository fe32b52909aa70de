"""Everything that is said in English is said in Korean as well."""

import ast
import json
import re

import pytest
from django.conf import settings
from django.test import Client

from webapp.core.management.commands import translations

TEMPLATES = settings.BASE_DIR / "templates"
VARIABLE = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{\w*\}")
TRANSLATED = re.compile(r"{%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}", re.DOTALL)
NOT_SHOWN = re.compile(
    r"{#.*?#}|{%\s*block (?:page|page_class|styles|scripts|icon)\s*%}.*?{%\s*endblock\s*%}|{%.*?%}"
    r"|{{.*?}}|<(code|script|kbd)\b.*?</\1>|&#?\w+;",
    re.DOTALL,
)
SHOWN_ATTRIBUTE = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
NAMES = {"Encore", "API"}
TRANSLATING = translations._SINGLE | translations._COUNTED | {"gettext_lazy"}
SHOWN_KEYS = {"page_title", "message", "error", "said", "word"}
SPOKEN = re.compile(r"[A-Z%“]\S*[,;:]? [^\n]*[a-z]{2,}[^\n]*[.?!…]$")
FOR_OPERATORS = (
    "webapp/api/",  # Answers to programs, and their description.
    "webapp/core/checks.py",
    "webapp/core/processes/",
    "webapp/core/safekeeping/",
    "webapp/core/server/",  # Before any page: without Django.
    "webapp/core/web/metrics.py",
    "webapp/env.py",
    "webapp/people/importing.py",
    "webapp/photos/arrival/importing.py",
    "webapp/settings.py",
    "webapp/uploads/tus.py",  # To programs that speak the protocol wrongly.
    "webapp/live/messages.py",
    "webapp/live/source/",
    "webapp/vision/films/sources.py",
    "webapp/vision/models/downloads.py",
    *(f"{folder}/" for folder in translations.DECODERS),  # Collected as they are.
)
"""Where sentences are for whoever runs Encore or programs against it, in English."""


def literal_texts(source: str) -> list[str]:
    """Return the words of a template that no translation can reach."""
    rest = NOT_SHOWN.sub("\0", TRANSLATED.sub("\0", source))
    texts = SHOWN_ATTRIBUTE.findall(rest) + re.split(r"\0|<[^>]*>", rest)
    words = (text.strip(" \n·,;:–—•×()") for text in texts)
    return [text for text in words if re.search("[A-Za-z]{2}", text) and text not in NAMES]


@pytest.mark.parametrize("catalogue", translations.CATALOGUES)
def test_every_text_has_a_korean_one_and_no_text_is_left_over(catalogue: str) -> None:
    entries = translations.read(catalogue)
    assert set(entries) == translations.messages_of(catalogue), "run manage.py translations"
    assert [single for (single, _), korean in entries.items() if not korean.strip()] == []


@pytest.mark.parametrize("catalogue", translations.CATALOGUES)
def test_a_korean_text_names_no_value_that_the_english_one_does_not(catalogue: str) -> None:
    for (single, plural), korean in translations.read(catalogue).items():
        known = {match[0] for text in (single, plural) for match in VARIABLE.finditer(text)}
        used = {match[0] for match in VARIABLE.finditer(korean)}
        assert used <= known, single


@pytest.mark.parametrize("catalogue", translations.CATALOGUES)
def test_the_compiled_texts_are_those_of_the_source(catalogue: str) -> None:
    path = translations.catalogue_path(catalogue)
    compiled = translations.compiled(translations.read(catalogue))
    assert path.with_suffix(".mo").read_bytes() == compiled, "run manage.py translations"


def test_no_template_says_what_cannot_be_translated() -> None:
    found = {
        str(path.relative_to(TEMPLATES)): literal_texts(path.read_text())
        for path in TEMPLATES.rglob("*.html")
    }
    assert {name: texts for name, texts in found.items() if texts} == {}


def shown_values(node: ast.Dict) -> list[ast.expr]:
    """Return what a dictionary hands to a page or a script to be shown, however short it is."""
    pairs = zip(node.keys, node.values, strict=True)
    return [value for key, value in pairs if getattr(key, "value", "") in SHOWN_KEYS]


def untranslated(node: ast.AST) -> list[str]:
    """Return the sentences of code that no translation can reach, docstrings left out."""
    found = []
    for child in ast.iter_child_nodes(node):
        called = getattr(child, "func", None)
        name = getattr(called, "attr", getattr(called, "id", ""))
        owner = getattr(getattr(called, "value", None), "id", "")
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if name in TRANSLATING or owner == "logger" or is_docstring:
            continue
        if isinstance(child, ast.Dict):
            found += [text for text in map(translations._text_of, shown_values(child)) if text]
        text = translations._text_of(child)
        found += [text] if text and SPOKEN.match(text) else [] if text else untranslated(child)
    return found


def test_no_module_says_what_cannot_be_translated() -> None:
    found = {}
    for path in sorted((settings.BASE_DIR / "webapp").rglob("*.py")):
        name = str(path.relative_to(settings.BASE_DIR))
        if not name.startswith(FOR_OPERATORS) and not {"migrations", "management"} & {*path.parts}:
            found[name] = untranslated(ast.parse(path.read_text()))
    assert {name: texts for name, texts in found.items() if texts} == {}


GLUED = re.compile(r"""["'][^"'\n]*[A-Za-z]{2,}[^"'\n]*["']\.join\(""")
"""Parts of a sentence strung together by an English word."""
CHOSEN_WORD = re.compile(r'(?<!data-)[\w-]+=[\w.]+\|yesno:"[^"]*[a-z]{2}')
"""A word that a template chooses between, put into a sentence past its translation."""


@pytest.mark.parametrize(
    "text", ['" and no ".join(missing)', '{% blocktranslate with seen=a.b|yesno:"shown,hidden" %}']
)
def test_a_sentence_of_english_pieces_is_known(text: str) -> None:
    assert GLUED.search(text) or CHOSEN_WORD.search(text)


def test_no_sentence_is_put_together_of_english_pieces() -> None:
    modules = {str(path): path.read_text() for path in (settings.BASE_DIR / "webapp").rglob("*.py")}
    said = {
        path: text
        for path, text in modules.items()
        if not path.removeprefix(f"{settings.BASE_DIR}/").startswith(FOR_OPERATORS)
    }
    pages = {str(path): path.read_text() for path in TEMPLATES.rglob("*.html")}
    glued = [path for path, text in said.items() if GLUED.search(text)]
    assert glued + [path for path, text in pages.items() if CHOSEN_WORD.search(text)] == []


def test_a_browser_that_prefers_korean_gets_it_and_a_choice_overrules_that(
    client: Client, db: None
) -> None:
    korean = {"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"}
    assert 'lang="ko"' in client.get("/login/", headers=korean).content.decode()
    assert "로그인" in client.get("/login/", headers=korean).content.decode()
    client.post("/appearance/", {"language": "en"})
    assert "Sign in" in client.get("/login/", headers=korean).content.decode()
    client.post("/appearance/", {"language": "xx"})
    assert "Sign in" in client.get("/login/", headers=korean).content.decode()


def test_scripts_get_their_texts_in_the_language_of_the_page(client: Client, db: None) -> None:
    korean = {"Accept-Language": "ko"}
    assert "/words.js" in client.get("/login/", headers=korean).content.decode()
    assert "/words.js" not in client.get("/login/").content.decode()
    uploaded = json.dumps(translations.read("djangojs")["Uploaded", ""])
    assert uploaded in client.get("/words.js", headers=korean).content.decode()
