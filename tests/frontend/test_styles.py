"""Styles: every file is linked, side by side and in its order; none waits for another."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
TEMPLATES = ROOT / "frontend" / "templates"
# The template that links a folder's files; the order decides which of two rules holds.
LINKED = {
    "base.html": (
        *("base", "type", "reading", "columns", "tables", "pictures", "viewer"),
        *(
            "challenge",
            "boards",
            "history",
            "charts",
            "series",
            "forms",
            "sending",
            "desk",
            "desk-home",
            "editor",
            "study",
            "releases",
            "narrow",
        ),
    ),
    "rate.html": (
        *("rate/cards", "rate/instructions", "rate/pictures", "rate/strip", "rate/windows"),
    ),
}


@pytest.mark.parametrize("template", LINKED)
def test_each_file_is_linked_in_its_place(template: str) -> None:
    html = (TEMPLATES / template).read_text()
    names = re.findall(r"""<link rel="stylesheet" href="{% static 'css/([^']+)\.css' %}">""", html)
    assert tuple(names) == LINKED[template]


def test_no_file_is_left_out_and_none_loads_another() -> None:
    files = {str(path.relative_to(CSS).with_suffix("")): path for path in CSS.rglob("*.css")}
    assert set(files) == {name for names in LINKED.values() for name in names}
    for name, path in files.items():
        style = path.read_text()
        assert "@import" not in style, name
        assert style.count("\n") <= 300, name
