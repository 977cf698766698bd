"""Boards of long names in a browser: charts meet their rows, and different names look different."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page

from ratings.web.parts.board_rows import HumanLine, PsnrLine
from ratings.web.parts.drawing import charts
from ratings.web.parts.drawing.scatter_chart import Point, scatter
from ratings.web.parts.human_boards import AgreementLine
from ratings.web.parts.serving.joined_files import join_styles
from tests.journeys.profiles import profile

ROOT = Path(__file__).resolve().parents[2]
NAMES = [f"Learned codec of hyperpriors with attention, rate 0.{n:02}" for n in range(13)]
KEYS = [str(n) for n in range(14)]
# The one in the middle is short: its row is as high as the others.
NAMES.insert(7, "JPEG")
# Of each thing drawn beside a row, how far its middle is from the row's, in px.
DISTANCES = """() => {
  const middle = (one) => {
    const box = one.getBoundingClientRect();
    return box.top + box.height / 2;
  };
  const far = [];
  for (const table of document.querySelectorAll('.plotted')) {
    const dots = [...table.querySelectorAll('.forest .point')];
    const rows = [...table.tBodies[0].rows];
    if (dots.length !== rows.length) far.push(Infinity);
    rows.forEach((row, at) => far.push(middle(row) - middle(dots[at])));
  }
  const [left, right] = [...document.querySelectorAll('.boards table')];
  const row = (table, link) => table.querySelector(`tr[data-key="${link.dataset.key}"]`);
  for (const link of document.querySelectorAll('.slope .link')) {
    const svg = link.ownerSVGElement.getBoundingClientRect();
    if (!svg.height) continue;
    far.push(middle(row(left, link)) - svg.top - link.y1.baseVal.value);
    far.push(middle(row(right, link)) - svg.top - link.y2.baseVal.value);
  }
  return far;
}"""
# Names in charts that reach beyond the window or the chart itself, by their text.
STRAYS = """() => [...document.querySelectorAll('.scatter text')].filter((text) => {
  const box = text.getBoundingClientRect();
  const chart = text.closest('.scatter-figure').getBoundingClientRect();
  return box.left < 0 || box.right > chart.right + 1;
}).map((text) => text.textContent)"""


def boards() -> str:
    """Return a page of the two boards with their styles, as the site renders them."""
    css = ROOT / "static/css"
    sheets = {str(path.relative_to(css)): path.read_text() for path in css.rglob("*.css")}
    styles = join_styles(sheets)["site.css"]
    human = [
        HumanLine(
            key, "/", name, f"A team of many words {key}", "competing", "not eligible", "", True,
            "", "", "1", "0.00", "0.00 to 1.00", "1.00", "50 %", "10",
        )
        for key, name in zip(KEYS, NAMES, strict=True)
    ]  # fmt: skip
    psnr = [
        PsnrLine(
            key, "/", 1, name, f"A team of many words {key}", "competing", "not eligible", "",
            "30.00", "0.9000", "0.1500", "1", "torch",
        )
        for key, name in zip(KEYS, NAMES, strict=True)
    ]  # fmt: skip
    rows = [charts.Interval(name, "competing", 0.1 * n, -1, 2) for n, name in enumerate(NAMES)]
    metrics = ["PSNR", "PSNR, mean over pictures", "MS-SSIM"]
    one = ("1.00", "")
    context: dict[str, Any] = {
        "psnr": psnr,
        "slope": charts.slope(KEYS, KEYS, frozenset()),
        "study": {"name": "A study"},
        "human": {"computed_at": True, "scale": {"title": "Score", "unit": "log odds"}},
        "human_lines": human,
        "forest": charts.forest_plot(rows),
        "brackets": charts.brackets(len(rows), [(0, 3)]),
        "agreement": [AgreementLine(name, one, one, one) for name in metrics],
        "agreement_plot": charts.forest_plot(rows[:3]),
        "scatter": scatter(
            [
                Point(key, name, "competing", 30 + n % 5, 0.1 * n, -1, 2)
                for n, (key, name) in enumerate(zip(KEYS, NAMES, strict=True))
            ]
        ),
    }  # fmt: skip
    shown = render_to_string("_boards.html", context)
    return (
        f'<!doctype html><meta name="viewport" content="width=device-width"><style>{styles}</style>'
        f'<body><main><div class="frame">{shown}</div></main>'
    )


@pytest.fixture(scope="module", params=[320, 1366], ids=["phone", "laptop"])
def shown(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with profile(browser, viewport={"width": request.param, "height": 900}) as context:
        page = context.new_page()
        page.set_content(boards())
        yield page


def test_dots_and_lines_stand_beside_their_rows(shown: Page) -> None:
    distances = shown.evaluate(DISTANCES)
    assert len(distances) >= len(NAMES) and max(map(abs, distances)) <= 1.5


def test_names_of_points_stay_on_the_chart_and_nothing_widens_the_page(shown: Page) -> None:
    assert shown.evaluate(STRAYS) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_different_names_look_different(shown: Page) -> None:
    for board in shown.locator(".boards .board").all():
        names = board.locator("tbody .method").all()
        assert len({name.screenshot() for name in names}) == len(NAMES)
