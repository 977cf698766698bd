"""What goes wrong in a rater's session: no answer is lost, no word untrue, and it goes on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.conftest import Site
from tests.journeys.obstacles import find_none, stand_between
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater, person, practise, sent
from tests.waiting import eventually

A_MINUTE_MS = 60 * 1000
A_DAY_MS = 24 * 3600 * 1000
# A trial's time begins when its first frame was painted: two of the clock's frames at most.
FRAMES_MS = 2 * 16
PROBLEM = {"type": "/api/v1/docs/#invalid", "title": "Wrong.", "status": 400, "errors": []}
NOWHERE = f"/crops/{'0' * 32}.webp"
# What a browser does when the rater turns to another tab, and comes back.
TURN = """
isAway => {
  Object.defineProperty(document, "hidden", { value: isAway, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


@pytest.fixture
def rater(page: Page, studies: Site) -> Rater:
    return Rater(page, studies, "flip")


def while_in(page: Page, state: str, act: Callable[[], None]) -> None:
    """Do something now and then while the page is in a state: others need time to answer it."""

    def is_past() -> bool:
        if page.get_attribute("#rate", "data-state") == state:
            act()
            return False
        return True

    eventually(is_past)


def pass_time(page: Page) -> None:
    """Let time pass quickly until there is a trial, or an end."""
    while_in(page, "waiting", lambda: page.clock.fast_forward(1000))


def close_the_study(desk: Page, site: Site) -> None:
    desk.goto(f"{site.url}/desk/studies/closing/")
    desk.fill("[name=username]", "organizer")
    desk.fill("[name=password]", site.password)
    desk.keyboard.press("Enter")
    desk.click("text=Close the study")
    desk.click("form[action$='/close/'] button")
    expect(desk.locator(".running .tag")).to_have_text("closed")


def test_a_study_that_closes_in_mid_session_gives_the_code(
    page: Page, browser: Browser, studies: Site
) -> None:
    rater = Rater(page, studies, "closing")
    rater.begin()
    rater.answer()
    rater.sees_trial(2)
    rater.all_saved()
    with profile(browser) as context:
        close_the_study(context.new_page(), studies)
    stand_between(page, 502)
    while_in(page, "trial", rater.answer)
    # What was fetched ahead is judged; nothing has ended while an answer waits.
    expect(page.locator("#waiting-text")).to_contain_text("connection is away")
    page.unroute("**/judgment/")
    rater.sees("done")
    expect(page.locator("#code")).not_to_have_value("")
    with profile(browser) as context:
        late = Rater(context.new_page(), studies, "closing")
        late.page.goto(late.url)
        late.sees("study-closed")


@pytest.mark.parametrize("status", [401, 403, 404, 407])
def test_what_stands_between_loses_no_answer(rater: Rater, status: int) -> None:
    page, bodies = rater.page, sent(rater.page)
    page.clock.install()
    rater.begin()
    stand_between(page, status)
    rater.answer("2")
    rater.sees_trial(2)
    expect(page.locator("#saved")).to_have_text("offline, 1 waiting")
    page.keyboard.press("p")
    expect(page.locator("#rest-saved")).to_contain_text("The connection is away: 1 waiting")
    expect(page.locator("[data-for=rest]")).not_to_contain_text("Every answer is saved")
    page.unroute("**/judgment/")
    page.clock.fast_forward(2000)
    expect(page.locator("#rest-saved")).to_have_text("Every answer is saved.")
    assert {body["choice"] for body in bodies} == {"right"}


def test_an_answer_that_is_refused_is_asked_for_again(rater: Rater) -> None:
    page = rater.page
    rater.begin()
    page.route("**/judgment/", lambda route: route.fulfill(status=400, json=PROBLEM), times=1)
    refused = page.get_attribute("#rate", "data-trial")
    rater.answer()
    rater.sees_trial(2)
    expect(page.locator("#saved")).to_have_text("1 not saved: the site refused it")
    for _ in range(10):  # it comes with the next portion
        trial = page.get_attribute("#rate", "data-trial")
        if trial == refused:
            break
        rater.answer()
        expect(page.locator("#rate")).not_to_have_attribute("data-trial", str(trial))
        rater.sees("trial")
    assert trial == refused


def test_two_people_at_one_browser_send_their_own_answers(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "short")
    one, other = person(), person()
    rater.begin(one)
    stand_between(page, 502)
    trial = page.get_attribute("#rate", "data-trial")
    rater.answer()
    rater.sees_trial(2)
    expect(page.locator("#saved")).to_have_text("offline, 1 waiting")
    page.unroute("**/judgment/")
    answers: list[str] = []
    page.on("response", lambda got: answers.append(f"{got.request.method} {got.status} {got.url}"))
    rater.begin(other)
    rater.sees_trial(1)
    rater.all_saved()
    assert not [line for line in answers if line.startswith("PUT")]
    page.goto(f"{rater.url}{one}")
    rater.sees("trial")
    rater.all_saved()
    assert [line for line in answers if line.startswith("PUT 201") and str(trial) in line]


def test_a_correction_goes_on_where_the_answer_was(rater: Rater) -> None:
    page, bodies = rater.page, sent(rater.page)
    page.clock.install()
    rater.begin()
    page.clock.run_for(FRAMES_MS + 5000)
    rater.answer("1", flips=3)
    rater.sees_trial(2)
    rater.all_saved()  # what is under way for a minute would be sent again
    page.clock.run_for(FRAMES_MS + A_MINUTE_MS)
    page.keyboard.press("Space")
    page.keyboard.press("u")
    rater.sees_trial(1)
    page.keyboard.press("2")  # all of it was seen
    rater.sees_trial(2)
    page.keyboard.press("2")  # so was this
    rater.sees_trial(3)
    rater.all_saved()
    first, corrected, after = bodies
    assert (corrected["attempt"], corrected["choice"]) == (2, "right")
    assert corrected["response_ms"] >= first["response_ms"] >= 5000
    assert corrected["response_ms"] < first["response_ms"] + A_MINUTE_MS
    assert [body["flips"] for body in bodies] == [3, 3, 1]
    assert corrected["flip_ms"] == first["flip_ms"]
    assert corrected["shown_first"] == first["shown_first"]
    assert after["response_ms"] >= A_MINUTE_MS


def test_a_pause_over_night_and_a_tab_out_of_sight_are_told_apart(rater: Rater) -> None:
    page, bodies = rater.page, sent(rater.page)
    page.clock.install()
    rater.begin()
    page.clock.run_for(1000)
    page.keyboard.press("p")
    page.clock.fast_forward(2 * A_DAY_MS)
    page.keyboard.press("Enter")
    rater.answer()
    rater.sees_trial(2)
    rater.all_saved()
    page.clock.run_for(1000)
    page.evaluate(TURN, True)
    page.clock.fast_forward(A_DAY_MS)
    page.evaluate(TURN, False)
    rater.answer()
    rater.sees_trial(3)
    rater.all_saved()
    paused, away = bodies
    assert (paused["covered_ms"], paused["covered_count"]) == (A_DAY_MS, 1)
    assert (paused["hidden_ms"], paused["hidden_count"]) == (0, 0)
    assert (away["hidden_ms"], away["hidden_count"]) == (A_DAY_MS, 1)
    assert (away["covered_ms"], away["covered_count"]) == (0, 0)
    assert paused["response_ms"] < 60_000 and away["response_ms"] < 60_000


def test_the_practice_is_told_once_and_in_full(page: Page, studies: Site) -> None:
    rater, bodies = Rater(page, studies, "trained"), sent(page)
    page.clock.install()
    rater.arrive(person())
    rater.go_on("instructions")
    practise(rater, right=[True])
    page.reload()  # in mid-practice it goes on, and explains nothing anew
    rater.sees("trial")
    find_none(page)
    practise(rater, right=[True], first=2)
    expect(page.locator("#ready-text")).to_have_text("2 of 2 right.")
    # Another window is another visit, and the session's newest.
    other = page.context.new_page()
    other.goto(rater.url)
    Rater(other, studies, "trained").sees("trial")
    rater.go_on("ready")
    expect(page.locator("#waiting-text")).to_contain_text("nothing to judge at the moment")
    page.unroute_all(behavior="wait")
    for number in range(1, 5):
        pass_time(page)
        rater.sees_trial(number)
        rater.answer()
    rater.sees("done")
    assert {body["visit"] for body in bodies[2:]} == {2}


def test_where_there_is_nothing_to_judge_the_page_says_so_and_asks_seldom(rater: Rater) -> None:
    page = rater.page
    page.clock.install()
    find_none(page)
    rater.arrive()
    rater.go_on("instructions")
    expect(page.locator("#waiting-text")).to_contain_text("nothing to judge at the moment")
    for seconds in (1, 2, 4, 8, 16):
        with page.expect_response("**/session/"):
            page.clock.fast_forward(seconds * 1000)
    asked = sent_to(page)
    page.clock.fast_forward(16_000)
    assert page.evaluate("document.querySelector('#rate').dataset.state") == "waiting"
    assert asked == []
    page.unroute_all(behavior="wait")
    page.clock.fast_forward(32_000)
    rater.sees("trial")


def sent_to(page: Page) -> list[str]:
    """Collect the addresses that the page asks for from now on."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    return urls


def test_the_focus_stays_where_the_space_bar_is_of_use(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "trained")
    page.add_init_script("localStorage.setItem('single keys off', '1')")
    rater.arrive(person())
    rater.go_on("instructions")
    rater.sees("trial")
    for _ in range(2):
        expect(page.locator("#stage")).to_be_focused()
        page.keyboard.press("Space")
        page.click("[data-choice=left]")
        rater.sees("feedback")
        expect(page.locator("#stage")).to_be_focused()
        expect(page.locator("#next")).to_have_attribute("aria-disabled", "false")
        expect(page.locator("[data-face=b]")).to_be_visible()
        before = page.get_attribute(".slot", "data-showing")
        page.keyboard.press("Space")  # flips, as it was taught, and skips nothing
        expect(page.locator(".slot").first).not_to_have_attribute("data-showing", before or "")
        rater.sees("feedback")
        page.keyboard.press("Enter")
        expect(page.locator("#rate")).not_to_have_attribute("data-state", "feedback")
    expect(page.locator("#rate")).to_have_attribute("data-state", re.compile("again|ready"))
    page.keyboard.press("Space")
    rater.sees("trial")
    page.click("#pause")
    rater.sees("rest")
    page.keyboard.press("Space")
    rater.sees("trial")
    expect(page.locator("#stage")).to_be_focused()


def test_a_trial_without_its_pictures_is_left_out(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "short")
    page.clock.install()

    def lose(route: Route) -> None:
        answer = route.fetch()
        answered = answer.json()
        for trial in answered["results"]:
            trial["left"] = NOWHERE if trial["number"] == 1 else trial["left"]
        route.fulfill(response=answer, json=answered)

    page.route("**/trials/next/*", lose)
    rater.arrive(person())
    rater.go_on("instructions")
    pass_time(page)
    rater.sees_trial(2)
    expect(page.locator("#left-out")).to_have_text("1 left out: the site has lost the pictures")
    rater.answer()
    rater.sees_trial(3)
    rater.answer()
    rater.sees("pictures-missing")


def test_a_browser_without_timeouts_of_its_own_can_judge(rater: Rater) -> None:
    rater.page.add_init_script("delete AbortSignal.timeout")
    rater.begin()
    rater.answer()
    rater.sees_trial(2)
    rater.all_saved()
