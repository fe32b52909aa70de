"""Tags that do their work once and not on every card of a grid: icons, words, addresses, dates.

``{% translate %}``, ``{% url %}`` and ``|date`` mean what they mean in Django.
"""

import datetime
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from django import template
from django.template.base import FilterExpression, Node, Parser, TextNode, Token, Variable
from django.template.context import Context
from django.template.defaultfilters import date as django_date
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils import dateformat, formats
from django.utils.translation import get_language

register = template.Library()

_ICON = (
    '<svg class="icon{size}" aria-hidden="true" focusable="false">'
    '<use href="#icon-{name}"></use></svg>'
)


@register.tag
def icon(_: Parser, token: Token) -> TextNode:
    """Draw one of ``templates/_icons.html``: ``{% icon "check" %}`` or ``{% icon "warn" "xl" %}``.

    Nothing of it is left to do when the page is made.
    """
    name, *sizes = (part.strip("\"'") for part in token.split_contents()[1:])
    size = f" icon-{sizes[0]}" if sizes else ""
    return TextNode(_ICON.format(name=name, size=size))


class RememberedWords(Node):
    """Words that depend on nothing but the language of the page."""

    child_nodelists = ()

    def __init__(self, words: TranslateNode) -> None:
        self._words = words
        self._known: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """Return the words in the language of the page."""
        language = get_language()
        known = self._known.get(language)
        if known is None:
            known = self._known[language] = self._words.render(context)
        return known


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """Translate words; those that stand in the template itself once for each language."""
    node = do_translate(parser, token)
    expression = node.filter_expression
    is_own = isinstance(expression.var, Variable) and expression.var.literal is not None
    is_plain = not (expression.filters or node.noop or node.asvar or node.message_context)
    return RememberedWords(node) if is_own and is_plain else node


@dataclass(frozen=True, slots=True)
class StandIn:
    """Stands for an id in an address while its pattern is made."""

    number: int

    def resolve(self, _: Context) -> UUID:
        """Return an id that no row has."""
        return UUID(int=self.number)


class RememberedAddress(URLNode):
    """An address in which only ids change: it is looked up once in a page."""

    def __init__(self, view_name: FilterExpression, args: list[FilterExpression]) -> None:
        super().__init__(view_name, args, {}, None)
        self._ids = [arg for arg in args if not _is_literal(arg)]
        numbers = count()
        parts = [arg if _is_literal(arg) else StandIn(next(numbers)) for arg in args]
        self._with_stand_ins = URLNode(view_name, parts, {}, None)  # type: ignore[arg-type]

    def render(self, context: Context) -> str:
        """Return the address; with anything but ids as Django does."""
        ids = [arg.resolve(context) for arg in self._ids]
        if not all(isinstance(one, UUID) for one in ids):
            return super().render(context)
        pattern = context.render_context.get(self)
        if pattern is None:
            pattern = context.render_context[self] = self._pattern(context)
        return pattern.format(*ids)

    def _pattern(self, context: Context) -> str:
        """Return the address as ``str.format`` takes it."""
        pattern = self._with_stand_ins.render(context)
        for number in range(len(self._ids)):
            pattern = pattern.replace(str(UUID(int=number)), f"{{{number}}}")
        return pattern


def _is_literal(expression: FilterExpression) -> bool:
    return isinstance(expression.var, str) and not expression.filters


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    """Give the address of a view."""
    node = django_url(parser, token)
    if node.kwargs or node.asvar or not _is_literal(node.view_name):
        return node
    return RememberedAddress(node.view_name, node.args)


@register.filter(expects_localtime=True)
def date(value: Any, wanted: str | None = None) -> str:
    """Write a day or time; where the letters are given, no language is asked for its own."""
    letters = str(wanted or "DATE_FORMAT")
    if letters in formats.FORMAT_SETTINGS or not isinstance(value, datetime.date):
        return django_date(value, letters)
    return dateformat.format(value, letters)
