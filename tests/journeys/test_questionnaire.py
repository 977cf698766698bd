"""Questions before and after judging, and device rules, as raters meet them."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import Site, shoot
from tests.journeys.looking import look
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater, sent

BEFORE, AFTER = "questions-before", "questions-after"


@pytest.fixture
def rater(page: Page, studies: Site) -> Rater:
    return Rater(page, studies, "asking")


@pytest.fixture
def phone(browser: Browser, studies: Site) -> Iterator[Rater]:
    with profile(
        browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        yield Rater(context.new_page(), studies, "asking")


def send(page: Page) -> None:
    page.click("section:not([hidden]) form button[type=submit]")


def test_each_kind_is_answered_before_and_after_by_keys_alone(rater: Rater) -> None:
    page, bodies = rater.page, sent(rater.page, "session/answers/")
    rater.arrive()
    rater.sees(BEFORE)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the first option of the first question
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # from the first step to the second
    page.keyboard.press("Tab")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator("#q-age-wrong")).to_have_text("Please write a number from 18 to 120.")
    expect(page.locator("#q-age")).to_be_focused()
    shoot(page, "questions-wrong")
    page.keyboard.press("Control+A")
    page.keyboard.type("40")
    page.keyboard.press("Enter")
    rater.go_on("instructions")
    for number in (1, 2):
        rater.sees_trial(number)
        rater.answer()
    rater.sees(AFTER)
    expect(page.locator("#code")).to_have_value("")
    page.fill("#q-why", "<b>=1+1</b>")
    page.keyboard.press("Enter")
    rater.sees("done")
    assert page.input_value("#code")
    assert bodies == [
        {
            "when": "before",
            "answers": {
                "glasses": "yes",
                "known": ["yes"],
                "tired": 2,
                "age": 40,
                **{f"colour-plate-{number}": None for number in range(1, 7)},
            },
        },
        {"when": "after", "answers": {"why": "<b>=1+1</b>"}},
    ]
    page.reload()
    rater.sees("done")


def test_what_is_half_filled_survives_a_reload_and_going_back(rater: Rater) -> None:
    page = rater.page
    rater.arrive()
    rater.sees(BEFORE)
    page.check("[name=known][value=no]")
    page.fill("#q-age", "33")
    page.reload()
    rater.sees(BEFORE)
    expect(page.locator("[name=known][value=no]")).to_be_checked()
    expect(page.locator("#q-age")).to_have_value("33")
    page.goto("about:blank")
    page.go_back()
    rater.sees(BEFORE)
    expect(page.locator("#q-age")).to_have_value("33")
    send(page)
    expect(page.locator("#q-glasses-wrong")).to_have_text("Please answer this question.")
    page.check("[name=glasses][value=yes]")
    send(page)
    rater.sees("instructions")
    page.reload()
    rater.sees("instructions")
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('questions'))") == []


def test_answers_on_a_broken_line_are_told_and_sent_when_it_is_back(rater: Rater) -> None:
    page = rater.page
    rater.arrive()
    rater.sees(BEFORE)
    page.check("[name=glasses][value=no]")
    page.route("**/session/answers/", lambda route: route.abort())
    send(page)
    expect(page.locator(f"[data-for={BEFORE}] [data-problem]")).to_contain_text(
        "Your answers are kept here and sent as soon as it does."
    )
    page.unroute("**/session/answers/")
    rater.sees("instructions")


def test_what_the_server_refuses_is_shown_beside_its_question(rater: Rater) -> None:
    page = rater.page
    rater.arrive()
    rater.sees(BEFORE)

    def other(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        body["answers"] |= {"age": 7, "glasses": "perhaps"}
        route.continue_(post_data=json.dumps(body))

    page.route("**/session/answers/", other)
    page.check("[name=glasses][value=no]")
    send(page)
    expect(page.locator("#q-age-wrong")).to_contain_text("take this answer.")
    expect(page.locator("#q-glasses-wrong")).to_contain_text("take this answer.")
    expect(page.locator("#q-tired-wrong")).to_be_empty()
    page.unroute("**/session/answers/")
    send(page)
    rater.sees("instructions")


def test_questions_are_asked_in_german_and_fall_back_to_the_first_language(phone: Rater) -> None:
    page = phone.page
    phone.arrive("?lang=de")
    phone.sees(BEFORE)
    expect(page.locator("[data-question=glasses] legend")).to_have_text("Tragen Sie eine Brille?")
    expect(page.locator("[data-question=age] label")).to_have_attribute("lang", "en")
    assert violations(page) == []
    shoot(page, "questions-phone")
    page.tap("[name=glasses][value=no]")
    page.tap("[name=tired][value='4']")
    page.tap("[name=colour-plate-2][value=pass]")
    page.tap(f"[data-for={BEFORE}] button")
    phone.sees("instructions")


def test_a_plate_is_drawn_and_its_words_give_nothing_away(rater: Rater) -> None:
    page = rater.page
    rater.arrive()
    rater.sees(BEFORE)
    plates = page.locator(".plate")
    assert plates.count() == 6
    assert len({plates.nth(n).get_attribute("alt") for n in range(6)}) == 1
    assert page.evaluate(
        "Promise.all([...document.querySelectorAll('.plate')].map((one) => one.decode()))"
        ".then(() => true)"
    )
    assert '"digit"' not in page.content()
    shoot(page, "questions-desk")


def test_a_device_rule_is_said_before_consent_and_followed_live(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "fitting")
    page.set_viewport_size({"width": 900, "height": 700})
    rater.arrive()
    rater.sees("consent")
    expect(page.locator("#device-verdict")).to_contain_text("Not yet")
    expect(page.locator("#begin-problem")).to_contain_text("Not yet")
    expect(page.locator("[data-device=width] [data-mend]")).to_be_visible()
    expect(page.locator("[data-device=height] [data-mend]")).to_be_hidden()
    shoot(page, "device-rules")
    page.set_viewport_size({"width": 1100, "height": 700})
    expect(page.locator("#device-verdict")).to_have_text(
        "Your window and browser are as they should be."
    )
    page.click("#begin")
    rater.sees("instructions")
    # Who comes back in a small window is told by the server.
    page.set_viewport_size({"width": 800, "height": 700})
    page.reload()
    rater.sees("device-unfit")


def test_a_phone_is_refused_where_no_phones_are_wanted(phone: Rater) -> None:
    other = Rater(phone.page, phone.site, "fitting")
    other.arrive()
    other.sees("consent")
    expect(phone.page.locator("[data-device=phone] [data-mend]")).to_be_visible()


def test_the_desk_shows_what_was_answered(rater: Rater, browser: Browser) -> None:
    rater.arrive()
    rater.sees(BEFORE)
    rater.page.check("[name=glasses][value=yes]")
    rater.page.check("[name=colour-plate-2][value='6']")
    rater.page.fill("#q-age", "40")
    send(rater.page)
    rater.sees("instructions")
    with profile(browser) as context:
        page = context.new_page()
        page.goto(f"{rater.site.url}/desk/studies/asking/answers/")
        page.fill("[name=username]", "organizer")
        page.fill("[name=password]", rater.site.password)
        page.keyboard.press("Enter")
        expect(page.locator("#q-glasses")).to_have_text("Do you wear glasses?")
        expect(page.locator("main")).to_contain_text("(what the plate shows)")
        assert violations(page) == []
        look(page, "answers-desk")
