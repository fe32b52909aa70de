"""Nothing lies about unused: functions, classes, scripts, styles, templates, icons.

Words are counted, not calls: a name that stands only where it is defined is used by nobody.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
CALLED_BY_FRAMEWORKS = re.compile(
    r"_verify_jws|get_or_create_user|login_success|login_failure|get_settings|"
    r"\w+Config|clean_\w+|get_by_natural_key|pre_save|process_exception|on_any_event|writable|"
    r"as_(sqlite|postgresql)"
)
MADE_UP = re.compile(r"ratio-\d+|(bar|chip)-emotion-\w+")
"""Style classes whose names templates and scripts put together."""
OF_OTHERS = re.compile(r"errorlist|(js-plotly|main-svg|cursor|user-select|draglayer)[\w-]*")
"""Style classes of elements that Django and plotly.js make."""


@cache
def product(*patterns: str) -> str:
    """The text of all files of the product that fit."""
    paths = (path for pattern in patterns for path in sorted(REPOSITORY.glob(pattern)))
    return "\n".join(path.read_text() for path in paths if path.parent.name != "migrations")


def definitions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Find functions, classes and methods, but not what a decorator or a test's types take."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        is_registered = any(isinstance(one, ast.Call) for one in node.decorator_list)
        is_type = isinstance(node, ast.ClassDef) and "TypedDict" in map(ast.unparse, node.bases)
        if not (is_type or node.name.startswith("__")) and (
            not is_registered or isinstance(node, ast.ClassDef)
        ):
            yield node


def test_every_function_and_class_is_used_by_the_product() -> None:
    words = Counter(
        re.findall(
            r"\w+",
            product("manage.py", "webapp/**/*.py", "inference/**/*.py", "templates/**/*.html"),
        )
    )
    unused = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}: {node.name}"
        for folder in ("webapp", "inference")
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
        if path.parent.name != "migrations"
        for node in definitions(path.read_text())
        if words[node.name] < 2 and not CALLED_BY_FRAMEWORKS.fullmatch(node.name)
    ]
    assert unused == []


def test_every_export_of_a_script_is_used_by_another_one() -> None:
    exported = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
    words = Counter(re.findall(r"\w+", product("static/js/**/*.js", "tests/js/*.js")))
    unused = []
    for path in sorted((REPOSITORY / "static" / "js").rglob("*.js")):
        own = Counter(re.findall(r"\w+", path.read_text()))
        names = exported.findall(path.read_text())
        unused += [f"{path.name}: {name}" for name in names if words[name] == own[name]]
    assert unused == []


def test_every_style_class_is_on_some_page() -> None:
    rules = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", product("static/css/*.css"), flags=re.DOTALL)
    pages = product("templates/**/*.html", "static/js/**/*.js", "webapp/**/*.py")
    used = set(re.findall(r"[\w-]+", pages))
    used |= {f"icon-{size}" for size in re.findall(r'icon "[\w-]+" "(\w+)"', pages)}
    names = set(re.findall(r"\.([a-zA-Z][\w-]+)", rules)) - used
    assert {one for one in names if not MADE_UP.match(one) and not OF_OTHERS.match(one)} == set()


def test_every_template_and_icon_is_used_and_every_icon_is_there() -> None:
    pages = product("templates/**/*.html", "static/js/**/*.js", "webapp/**/*.py")
    folder = REPOSITORY / "templates"
    names = [str(path.relative_to(folder)) for path in folder.rglob("*.html")]
    made_up = re.compile(r"core/\d+\.html|sharing/shared_\w+\.html")
    assert [name for name in names if name not in pages and not made_up.fullmatch(name)] == []
    wanted = re.findall(r"\{% (?:include|extends) [\"'](.+?)[\"']", pages)
    assert set(wanted) - set(names) == set()
    icons = re.findall(r'id="icon-([\w-]+)"', pages)
    assert icons
    assert [
        icon for icon in icons if not re.search(rf'["\']({icon}|#icon-{icon})["\']', pages)
    ] == []
    asked = re.findall(r'#icon-([\w-]+)"|\{% icon "([\w-]+)"|\bicon\("([\w-]+)"', pages)
    assert {"".join(names) for names in asked} - set(icons) == set()
