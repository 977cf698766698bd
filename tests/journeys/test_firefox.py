"""In Firefox, whose engine is another: exact pixels, keys, and answers that survive."""

import csv
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.journeys.conftest import SCREENSHOTS, Site
from tests.journeys.firefox import DOWN, ENTER, SPACE, Tab, find_firefox, firefox
from tests.journeys.on_screen import SHOWN, find, part, pixels
from tests.journeys.processes import kill_web, wait_for_the_site

pytestmark = pytest.mark.skipif(
    find_firefox() is None, reason="Firefox is not there: install it (package 'firefox-esr')."
)


@pytest.mark.parametrize("factor", [1.25, 2.625])
def test_what_is_on_screen_equals_the_file(studies: Site, factor: float) -> None:
    with firefox(factor) as tab:
        # In Firefox a device pixel is a whole number of sixtieths of a CSS pixel.
        factor = tab.evaluate("devicePixelRatio")
        for study, pictures in (("ratio", 2), ("sides", 3), ("against", 2), ("flip", 2)):
            begin(tab, studies, study)
            assert check(tab, factor, max(1, round(factor)) if study == "ratio" else 1) == pictures
        tab.press(SPACE)
        assert check(tab, factor, 1) == 2
        begin(tab, studies, "double")
        for scale in (2, 4):
            assert check(tab, factor, scale) > 0
            tab.press("+")
        (SCREENSHOTS / f"firefox-{factor}.png").write_bytes(tab.screenshot())


def test_keys_judge_and_no_answer_is_lost(studies: Site, tmp_path: Path) -> None:
    with firefox() as tab:
        tab.goto(f"{studies.url}/rate/flip/")
        tab.click("#begin")
        sees(tab, "instructions")
        tab.press(ENTER)
        sees_trial(tab, 1)
        tab.press("1")  # before both were looked at
        assert "first" in tab.text("#hint")
        for number, key in enumerate(["1", "2", "0", DOWN], start=1):
            tab.press(SPACE, key)
            sees_trial(tab, number + 1)
        tab.press("u")
        sees_trial(tab, 4)
        tab.press(SPACE, "2")
        sees_trial(tab, 5)
        all_saved(tab)

        tab.wait_for("document.querySelector('#rate').dataset.ahead > 1")
        kill_web(studies)
        tab.press(SPACE, "1")
        sees_trial(tab, 6)
        wait_for_the_site(studies)
        tab.reload()
        sees_trial(tab, 6)
        all_saved(tab)
        rater = tab.evaluate("fetch('/api/v1/studies/flip/session/').then((one) => one.json())")
    rows = [row for row in exported(studies, tmp_path) if row["rater"] == rater["rater"]]
    answers = [(row["number"], row["choice"], row["undone_at"] != "") for row in rows]
    assert sorted(answers) == [
        ("1", "left", False),
        ("2", "right", False),
        ("3", "tie", False),
        ("4", "right", False),
        ("4", "tie", True),
        ("5", "left", False),
    ]
    assert {row["input"] for row in rows} == {"key"}


def begin(tab: Tab, site: Site, study: str) -> None:
    """Consent, and see the first trial."""
    tab.goto(f"{site.url}/rate/{study}/")
    tab.click("#begin")
    tab.click("[data-for=instructions] [data-start]")
    sees(tab, "trial")


def sees(tab: Tab, state: str) -> None:
    tab.wait_for(f"document.querySelector('#rate').dataset.state === '{state}'")


def sees_trial(tab: Tab, number: int) -> None:
    tab.wait_for(f"document.querySelector('#progress').textContent.startsWith('{number} of ')")
    sees(tab, "trial")


def all_saved(tab: Tab) -> None:
    tab.wait_for("document.querySelector('#saved').textContent === 'saved'")


def check(tab: Tab, factor: float, scale: int) -> int:
    """Compare each shown picture with its file, enlarged; return how many there were."""
    screen, shown = pixels(tab.screenshot()), tab.evaluate(f"({SHOWN})()")
    for each in shown:
        with urlopen(each["url"]) as answer:
            file = pixels(answer.read())
        whole = file.repeat(scale, axis=0).repeat(scale, axis=1)
        assert find(part(whole, each, factor), screen, each, factor), f"{each} x {scale}"
    return len(shown)


def exported(site: Site, folder: Path) -> list[dict[str, str]]:
    site.manage("export_study", "flip", str(folder / "bundle"))
    with (folder / "bundle" / "judgments.csv").open() as file:
        return list(csv.DictReader(file))
