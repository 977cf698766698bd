"""What raters say: flags that survive, comments that stay texts, a withdrawal that erases."""

import csv
import io
import json
import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SCREENSHOTS, Site
from tests.journeys.processes import kill_web, wait_for_the_site
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater, person, sent

EVIL = "<img src=x onerror='document.title=1'>"


def flag_by_keys(rater: Rater, words: str) -> None:
    """Say by keys alone that both look the same, and why."""
    page = rater.page
    page.keyboard.press("f")
    expect(page.locator("#flag")).to_be_visible()
    expect(page.locator("#flag-missing")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#flag-identical")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator("#flag")).to_be_hidden()


def trial_on(page: Page) -> str:
    return page.locator("#rate").get_attribute("data-trial") or ""


def desk_table(page: Page, site: Site, study: str, name: str) -> list[dict[str, str]]:
    """Return a table that the desk links to, fetched by an organizer who is signed in."""
    page.goto(f"{site.url}/desk/login/?next=/desk/studies/{study}/voices/")
    if "/login/" in page.url:
        page.fill("[name=username]", "organizer")
        page.fill("[name=password]", site.password)
        page.click("button[type=submit]")
    answer = page.request.get(f"{site.url}/api/v1/studies/{study}/{name}/?format=csv")
    assert answer.ok, answer.text()
    return list(csv.DictReader(io.StringIO(answer.text())))


def test_flags_survive_a_cut_line_a_kill_and_a_closed_tab(studies: Site, browser: Browser) -> None:
    with profile(browser) as context:
        page = context.new_page()
        page.clock.install()
        rater = Rater(page, studies, "flip")
        rater.begin()
        flagged = [trial_on(page)]
        flag_by_keys(rater, EVIL)
        rater.sees_trial(2)
        expect(page.locator("#hint")).to_contain_text("The organizers will look at it")
        rater.all_saved()

        expect(page.locator("#rate")).to_have_attribute("data-ahead", re.compile("[3-9]"))
        context.set_offline(True)
        flagged.append(trial_on(page))
        flag_by_keys(rater, "offline")
        rater.sees_trial(3)
        rater.answer("1")
        rater.sees_trial(4)
        expect(page.locator("#saved")).to_have_text("offline, 2 waiting")
        page.clock.fast_forward(20_000)
        context.set_offline(False)
        rater.all_saved()

        kill_web(studies)
        flagged.append(trial_on(page))
        flag_by_keys(rater, "killed")
        rater.sees_trial(5)
        page.close()
        page = context.new_page()
        rater = Rater(page, studies, "flip")
        wait_for_the_site(studies)
        page.goto(rater.url)
        rater.sees_trial(5)
        rater.all_saved()
        expect(page.locator("#progress")).to_have_text(re.compile("^5 of 27$"))
    with profile(browser) as context:
        rows = desk_table(context.new_page(), studies, "flip", "flags")
    mine = [row for row in rows if row["trial_id"] in flagged]
    assert [row["trial_id"] for row in mine] == flagged
    assert [row["text"] for row in mine] == [EVIL, "offline", "killed"]
    assert {row["reason"] for row in mine} == {"identical"}


def test_a_flag_by_touch_in_german(studies: Site, browser: Browser) -> None:
    phone = {"width": 390, "height": 844}
    with profile(browser, viewport=phone, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        rater = Rater(page, studies, "flip")
        page.goto(f"{rater.url}?lang=de")
        page.tap("#begin")
        page.tap("[data-for=instructions] .main")
        rater.sees("trial")
        bodies = sent(page, "flag/")
        page.get_by_role("button", name="Hier stimmt etwas nicht").tap()
        page.get_by_label("Es lässt sich nicht beurteilen").tap()
        page.get_by_role("button", name="Senden und weiter").tap()
        expect(page.locator("#hint")).to_have_text("Danke. Die Veranstalter sehen es sich an.")
        expect(page.locator("#progress")).to_have_text(re.compile("^2 "))
    assert bodies == [{"reason": "unjudgeable", "text": ""}]


def judge_to_the_end(rater: Rater, trials: int = 3) -> None:
    for number in range(1, trials + 1):
        rater.sees_trial(number)
        rater.answer()
        if number == 2 and rater.page.locator("[data-for=rest]").is_visible():
            rater.page.click("#go-on")
    rater.sees("done")


def test_a_comment_and_then_a_withdrawal(studies: Site, browser: Browser) -> None:
    with profile(browser) as context:
        page = context.new_page()
        rater = Rater(page, studies, "short")
        query = person()
        rater.begin(query)
        judge_to_the_end(rater)
        code = page.input_value("#code")
        page.fill("#comment-text", f"Too dark.\n{EVIL}")
        # Nobody is taken back to the platform while they write.
        expect(page.locator("#return-note")).to_contain_text("You stay here")
        page.click("#comment button")
        expect(page.locator("#comment-note")).to_have_text("Saved. Thank you.")
        page.screenshot(path=SCREENSHOTS / "voices-end.jpg", full_page=True)

        with profile(browser) as other:
            desk = other.new_page()
            rows = desk_table(desk, studies, "short", "comments")
            assert rows[-1]["text"] == f"Too dark.\n{EVIL}"
            desk.goto(f"{studies.url}/desk/studies/short/voices/")
            expect(desk.get_by_text(EVIL)).to_be_visible()
            assert desk.title() != "1"
            assert violations(desk) == []
            desk.screenshot(path=SCREENSHOTS / "voices-desk.jpg", full_page=True)

            page.click("[data-for~=done] [data-withdraw]")
            expect(page.locator("#withdrawal-cancel")).to_be_focused()
            page.keyboard.press("Enter")  # keeping is what a hasty key does
            expect(page.locator("#withdrawal")).to_be_hidden()
            page.click("[data-for~=done] [data-withdraw]")
            page.click("#withdrawal button[type=submit]")
            rater.sees("withdrawn")
            assert page.input_value("#code") == code
            page.click("#stay")
            page.screenshot(path=SCREENSHOTS / "voices-withdrawn.jpg", full_page=True)
            assert not page.locator("#comment").is_visible()
            # Whoever comes back by the platform's link does not begin anew.
            page.goto(f"{rater.url}{query}")
            rater.sees("withdrawn")

            rater_id = rows[-1]["rater"]
            assert rater_id not in json.dumps(desk_table(desk, studies, "short", "comments"))
            assert rater_id not in json.dumps(desk_table(desk, studies, "short", "judgments"))


def test_who_stops_on_the_way_may_withdraw_from_the_pause(studies: Site, browser: Browser) -> None:
    with profile(browser) as context:
        page = context.new_page()
        rater = Rater(page, studies, "short")
        rater.begin(person())
        context.set_offline(True)
        rater.answer()
        rater.sees_trial(2)
        page.keyboard.press("p")
        rater.sees("rest")
        page.click("[data-for=rest] [data-withdraw]")
        page.click("#withdrawal button[type=submit]")
        expect(page.locator("#withdrawal-note")).to_have_text(
            "The site does not answer; trying again…"
        )
        context.set_offline(False)
        rater.sees("withdrawn")
        assert not page.locator("#completion").is_visible()
        kept: list[Any] = page.evaluate(
            "Object.keys(localStorage).filter((key) => key.startsWith('outbox'))"
        )
        assert kept == []
