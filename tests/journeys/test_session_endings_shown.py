"""What raters see of sessions that end early, of full kinds, and of the question about teams."""

from playwright.sync_api import Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import Site
from tests.journeys.rater import Rater, person, sent

# Until the next trial is shown, or the session has ended.
NEXT = """
number => document.querySelector("#rate").dataset.state === "ended"
    || document.querySelector("#progress").textContent.startsWith(`${number} of`)
"""


def test_a_hopeless_session_ends_soon_and_kindly_with_the_code(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "watched")
    rater.begin(person())
    number = 1
    while page.locator("#rate").get_attribute("data-state") != "ended":
        assert number <= 25
        rater.answer()
        number += 1
        page.wait_for_function(NEXT, arg=number)
    rater.sees("ended")
    card = page.locator("[data-for~=ended].card")
    expect(card.get_by_role("heading", level=1)).to_have_text("The study ends here for you")
    expect(card.locator("[data-ending=hopeless]")).to_be_visible()
    expect(card.locator("[data-ending=away]")).to_be_hidden()
    expect(page.locator("#code")).to_have_value("C1A2B3D4")
    assert violations(page) == []
    for word in ("golden", "original", "known answer"):
        assert word not in card.inner_text()
    page.reload()
    rater.sees("ended")


def test_a_member_says_so_by_keys_and_the_team_s_link_has_it_said(
    page: Page, studies: Site
) -> None:
    rater, bodies = Rater(page, studies, "teams"), sent(page, "raters/")
    page.goto(rater.url)
    question = page.get_by_label("Are you a member of one of these teams?")
    expect(question).to_have_value("")
    names = question.locator("option").all_inner_texts()
    assert [name.strip() for name in names] == ["No, of none of them", "fine", "finest", "plain"]
    question.focus()
    page.keyboard.type("finest")
    page.click("#begin")
    rater.go_on("instructions")
    rater.sees("trial")
    assert bodies[0]["team"] == "finest"
    page.context.clear_cookies()
    page.goto(f"{rater.url}?own-team=fine")
    expect(question).to_have_value("fine")
    assert violations(page) == []


def test_a_full_language_says_so_before_consent(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "teams")
    page.goto(f"{rater.url}?lang=de")
    rater.sees("kind-full")
    card = page.locator("[data-for=kind-full]")
    expect(card.get_by_role("heading")).to_have_text("Diese Plätze sind vergeben")
    assert violations(page) == []
    # In another language there may be places.
    card.get_by_role("link", name="English").click()
    rater.sees("consent")
