"""Tags that remember mean what they mean in Django."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.template import Context, Engine, Template, engines
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import override

from webapp.core.templatetags import prepared

PLAIN = Engine(builtins=["django.templatetags.i18n"])
AT = datetime(2026, 5, 3, 23, 30, 5, tzinfo=UTC)


def drawn(source: str, **context: object) -> str:
    """Return what a template of ours says."""
    return engines["django"].from_string(source).render(context)


def drawn_by_django(source: str, **context: object) -> str:
    """Return what Django's own tags say in its place."""
    return PLAIN.from_string(source).render(Context(context))


def test_an_icon_is_drawn_in_its_size() -> None:
    assert 'class="icon" ' in drawn('{% icon "check" %}')
    large = drawn('{% icon "warn" "xl" %}')
    assert 'class="icon icon-xl"' in large
    assert 'href="#icon-warn"' in large


def test_an_icon_leaves_nothing_to_do_when_the_page_is_made() -> None:
    template = Template('{% icon "check" %}')
    assert [type(node).__name__ for node in template.nodelist] == ["TextNode"]


def test_words_follow_the_language_of_the_page() -> None:
    page = Template('{% translate "Photos" %} & {% translate "Photos" as word %}{{ word }}')
    said = []
    for language in ("en", "ko", "en"):
        with override(language):
            said.append(page.render(Context()))
    assert said[0] == said[2] == "Photos & Photos"
    assert said[1] == "사진 & 사진"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('{% translate "Photos" %}', id="words of the template"),
        pytest.param('{% translate "100%% sure" %}', id="a sign that is doubled"),
        pytest.param("{% translate word %}", id="a variable"),
        pytest.param('{% translate "Photos"|upper %}', id="a filter"),
        pytest.param('{% translate "Photos" noop %}', id="not to be translated"),
        pytest.param('{% translate "Photos" context "a place" %}', id="a context"),
        pytest.param('{{ at|date:"j M H:i" }}', id="letters of a date"),
        pytest.param('{{ at|date:_("j F Y") }}', id="letters that are translated"),
        pytest.param('{{ at|date:"SHORT_DATE_FORMAT" }} {{ at|date }}', id="a named format"),
        pytest.param('{{ at.date|date:"l" }} {{ at.time|date:"H:i" }}', id="a day and a time"),
        pytest.param('[{{ nothing|date:"j" }}{{ word|date:"j" }}]', id="no date"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_words_and_dates_are_those_of_django(source: str, language: str) -> None:
    with override(language), timezone.override("Asia/Seoul"):
        context = {"word": "Photos", "at": AT}
        assert drawn(source, **context) == drawn_by_django(source, **context)


def test_an_address_has_the_id_of_each_card() -> None:
    ids = [uuid4() for _ in range(3)]
    source = '{% for pk in ids %}{% url "photos:media" pk "thumb" %} {% endfor %}'
    assert drawn(source, ids=ids).split() == [
        reverse("photos:media", args=[pk, "thumb"]) for pk in ids
    ]


def test_an_address_that_is_asked_of_a_variable_is_looked_up_each_time() -> None:
    source = '{% for size in sizes %}{% url "photos:media" pk size %} {% endfor %}'
    pk, sizes = uuid4(), ["thumb", "display"]
    assert drawn(source, pk=pk, sizes=sizes).split() == [
        reverse("photos:media", args=[pk, size]) for size in sizes
    ]


def test_an_address_takes_what_is_no_id_as_django_does() -> None:
    pk = UUID(int=0)
    assert drawn('{% url "analysis:photo" pk %}', pk=str(pk)) == reverse(
        "analysis:photo", args=[pk]
    )
    with pytest.raises(NoReverseMatch):
        drawn('{% url "analysis:photo" pk %}', pk="no id")
    assert drawn('{% url "no:such" as address %}[{{ address }}]') == "[]"


def test_an_address_is_looked_up_once_in_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    render = prepared.URLNode.render
    monkeypatch.setattr(
        prepared.URLNode,
        "render",
        lambda node, context: asked.append(node) or render(node, context),
    )
    source = '{% for pk in ids %}{% url "analysis:photo" pk %}{% endfor %}'
    request = RequestFactory().get("/")
    engines["django"].from_string(source).render({"ids": [uuid4() for _ in range(9)]}, request)
    assert len(asked) == 1
