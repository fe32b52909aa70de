"""Bring the translations up to date: collect the words, keep what is translated, compile.

Needs no gettext tools: the compiled catalogues are committed, so that ``make run`` needs none
either.
"""

import argparse
import ast
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

ROOT = Path(settings.BASE_DIR)
CATALOGUES = {"django": ("templates", "webapp"), "djangojs": ("static/js",)}
HEADER = (
    "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
    "Language: ko\nPlural-Forms: nplurals=1; plural=0;\n"
)

DECODERS = ("inference/images", "inference/video", "webapp/vision/sandbox")
"""Where what is wrong with a file is said without Django; its sentences are collected as they are
and said in the language of the page by ``webapp/core/words/said.py``."""

Message = tuple[str, str]
"""An English text and its plural, which is empty for a text that has none."""

_TRANSLATE = re.compile(r"""{%\s*translate\s+(?:"([^"]*)"|'([^']*)')""")
_ARGUMENT = re.compile(r"""\b_\((?:"([^"]*)"|'([^']*)')\)""")
_BLOCK = re.compile(r"{%\s*blocktranslate\b(.*?)%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
_PLURAL = re.compile(r"{%\s*plural\s*%}")
_SCRIPT = re.compile(r"""\b(n?)gettext\(\s*("(?:[^"\\]|\\.)*")(?:\s*,\s*("(?:[^"\\]|\\.)*"))?""")
_SENTENCE = re.compile(r"(?=[A-Z%])[^\n]*[a-z]{2} [^\n]*[.?]$")
_SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_COUNTED = {"ngettext", "ngettext_lazy"}


def messages_of(catalogue: str) -> set[Message]:
    """Return every text of the sources that is to be translated."""
    found: set[Message] = set()
    for folder in CATALOGUES[catalogue]:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix == ".html":
                found.update(_in_template(path.read_text()))
            elif path.suffix == ".py" and "migrations" not in path.parts:
                found.update(_in_python(path.read_text()))
            elif path.suffix == ".js":
                found.update(_in_script(path.read_text()))
    if catalogue == "django":
        for folder in DECODERS:
            for path in sorted((ROOT / folder).rglob("*.py")):
                found.update((text, "") for text in sentences(ast.parse(path.read_text())))
    plural_ones = {single for single, plural in found if plural}
    return {one for one in found if one[1] or one[0] not in plural_ones}


def _in_template(source: str) -> Iterator[Message]:
    for pattern in (_TRANSLATE, _ARGUMENT):
        for match in pattern.finditer(source):
            yield (match[1] or match[2] or "").replace("%", "%%"), ""
    for head, body in _BLOCK.findall(source):
        forms = [_message_id(part, is_trimmed="trimmed" in head) for part in _PLURAL.split(body)]
        yield forms[0], forms[1] if len(forms) > 1 else ""


def _message_id(text: str, *, is_trimmed: bool) -> str:
    """Return a text of a template as Django asks for it: with ``%(name)s`` for a variable."""
    if is_trimmed:
        text = " ".join(filter(None, map(str.strip, text.strip().splitlines())))
    return re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", text.replace("%", "%%"))


def _in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.id if isinstance(function, ast.Name) else ""
        texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if name in _SINGLE and texts:
            yield str(texts[0]), ""
        elif name in _COUNTED and len(texts) > 1:
            yield str(texts[0]), str(texts[1])


def sentences(tree: ast.AST) -> Iterator[str]:
    """Yield what code says in sentences, docstrings left out; a figure becomes ``%(figure_1)s``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        text = _text_of(node)
        if not text:
            yield from sentences(node)
        elif _SENTENCE.match(text):
            yield text


def _text_of(node: ast.AST) -> str:
    """Return the text of a literal, with a hole where a formatted one has a value."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("%", "%%"))
        else:
            parts.append(f"%(figure_{sum(one.startswith('%(') for one in parts) + 1})s")
    return "".join(parts)


def _in_script(source: str) -> Iterator[Message]:
    for counted, single, plural in _SCRIPT.findall(source):
        yield ast.literal_eval(single), ast.literal_eval(plural) if counted and plural else ""


def catalogue_path(catalogue: str) -> Path:
    """Return where the Korean texts of a catalogue stand."""
    return ROOT / "locale" / "ko" / "LC_MESSAGES" / f"{catalogue}.po"


def read(catalogue: str) -> dict[Message, str]:
    """Return the translations that a file holds; empty ones are still to be made."""
    path = catalogue_path(catalogue)
    entries: dict[Message, str] = {}
    for block in path.read_text().split("\n\n") if path.exists() else ():
        parts = {"msgid": "", "msgid_plural": "", "msgstr": ""}
        field = ""
        for line in block.splitlines():
            keyword = re.match(r'(msgid|msgid_plural|msgstr)(?:\[0\])? (?=")', line)
            if keyword:
                field, line = keyword[1], line[keyword.end() :]
            if line.startswith('"'):
                parts[field] += ast.literal_eval(line)
        if parts["msgid"]:
            entries[parts["msgid"], parts["msgid_plural"]] = parts["msgstr"]
    return entries


def write(catalogue: str, entries: dict[Message, str]) -> None:
    """Write translations in the order of their texts."""
    blocks = ['msgid ""\nmsgstr ""\n' + "\n".join(map(_quoted, HEADER.splitlines(keepends=True)))]
    for (single, plural), translation in sorted(entries.items()):
        block = f"msgid {_quoted(single)}\n"
        if plural:
            block += f"msgid_plural {_quoted(plural)}\nmsgstr[0] {_quoted(translation)}"
        else:
            block += f"msgstr {_quoted(translation)}"
        blocks.append(block)
    catalogue_path(catalogue).write_text("\n\n".join(blocks) + "\n")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def compiled(entries: dict[Message, str]) -> bytes:
    """Return translations as a binary catalogue of gettext (its manual, "GNU MO files")."""
    texts = {"": HEADER} | {
        f"{single}\0{plural}" if plural else single: translation
        for (single, plural), translation in entries.items()
        if translation
    }
    pairs = sorted((key.encode(), value.encode()) for key, value in texts.items())
    at = 7 * 4 + 16 * len(pairs)
    tables: list[list[int]] = [[], []]
    body = b""
    for side in (0, 1):
        for pair in pairs:
            tables[side] += [len(pair[side]), at + len(body)]
            body += pair[side] + b"\0"
    count = len(pairs)
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return head + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + body


class Command(BaseCommand):
    """Collect, keep and compile; says what is still to be translated."""

    help = "Bring locale/ up to date with the texts of templates, Python and scripts."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take no arguments but Django's own."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Write both catalogues and their compiled forms."""
        for catalogue in CATALOGUES:
            known = read(catalogue)
            entries = {message: known.get(message, "") for message in messages_of(catalogue)}
            catalogue_path(catalogue).parent.mkdir(parents=True, exist_ok=True)
            write(catalogue, entries)
            catalogue_path(catalogue).with_suffix(".mo").write_bytes(compiled(entries))
            missing = [single for (single, _), translation in entries.items() if not translation]
            for single in sorted(missing):
                self.stdout.write(f"{catalogue}: not translated: {single}")
