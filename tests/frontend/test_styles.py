"""Styles: every file has its place in the one sheet that a page links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
TEMPLATES = ROOT / "frontend" / "templates"
SHEETS = {"base.html": "site", "rate.html": "rate"}


def parts(sheet: str) -> list[str]:
    """Return the files that a sheet is put together of; it has nothing of its own."""
    lines = (CSS / f"{sheet}.css").read_text().splitlines()
    found = [re.fullmatch(r'@import "([\w/-]+)\.css";', line) for line in lines]
    assert all(found)
    return [each[1] for each in found if each]


@pytest.mark.parametrize("template", SHEETS)
def test_a_page_links_one_sheet(template: str) -> None:
    html = (TEMPLATES / template).read_text()
    names = re.findall(r"""<link rel="stylesheet" href="{% static 'css/([^']+)\.css' %}">""", html)
    assert names == [SHEETS[template]]
    linking = [
        path.name for path in TEMPLATES.rglob("*.html") if 'rel="stylesheet"' in path.read_text()
    ]
    assert sorted(linking) == sorted(SHEETS)


def test_each_file_is_in_one_sheet_and_none_loads_another() -> None:
    files = {str(path.relative_to(CSS).with_suffix("")): path for path in CSS.rglob("*.css")}
    within = [name for sheet in SHEETS.values() for name in parts(sheet)]
    assert sorted([*within, *SHEETS.values()]) == sorted(files)
    for name in within:
        style = files[name].read_text()
        assert "@import" not in style, name
        assert style.count("\n") <= 300, name


def test_what_all_others_build_on_comes_first_and_narrow_windows_last() -> None:
    site = parts("site")
    assert site[:2] == ["base", "type"] and site[-1] == "narrow"


def test_a_class_by_itself_means_one_thing() -> None:
    # What narrow windows change is in a rule about them.
    media = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
    meant: dict[str, str] = {}
    for name in parts("site"):
        style = re.sub(r"/\*.*?\*/", "", (CSS / f"{name}.css").read_text(), flags=re.S)
        for selectors in re.findall(r"([^{}]+)\{", media.sub("", style)):
            for one in re.findall(r"(?:^|,)\s*(\.[\w-]+)\s*(?=,|$)", selectors):
                assert meant.setdefault(one, name) == name, one
    assert len(meant) > 100
