"""Mistakes of the rating page's own: told as such, in the server's log, and at no answer's cost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, expect

from tests.journeys.conftest import SITE_LOG, Site
from tests.journeys.obstacles import break_all
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater, sent
from tests.waiting import eventually

CARD = "[data-for=fault]"
UNKEPT = {"Cache-Control": "no-store"}  # modules are kept for ever
SAFE = "Your answers are safe"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile whose pages may make mistakes."""
    with profile(browser, faults=True) as context:
        yield context


@pytest.fixture
def rater(context: BrowserContext, studies: Site) -> Rater:
    return Rater(context.new_page(), studies, "flip")


def break_module(page: Page, old: str, new: str) -> None:
    """Put other words into what the page's modules are put together to."""

    def broken(route: Route) -> None:
        answer = route.fetch()
        assert answer.text().count(old) == 1
        body = answer.text().replace(old, new)
        route.fulfill(body=body, content_type="text/javascript", headers=UNKEPT)

    page.route("**/modules/rating/rate.*.js", broken)


def is_report(response: Response) -> bool:
    return response.url.endswith("/api/v1/faults/")


def sees_fault(rater: Rater) -> None:
    rater.sees("fault")
    expect(rater.page.locator(CARD)).to_contain_text(SAFE)
    assert rater.page.locator("main > :visible").count() == 1


def is_logged(words: str) -> None:
    """Wait until the site's log has a line with some words."""
    eventually(lambda: words in SITE_LOG.read_text())


def test_a_script_that_cannot_be_read_is_told_at_once(rater: Rater) -> None:
    page = rater.page
    break_all(page, "rate")
    with page.expect_response(is_report) as report:
        page.goto(rater.url)
    sees_fault(rater)
    assert report.value.status == 204
    is_logged("The rating page: SyntaxError: Unexpected token '='")


def test_a_script_that_is_not_there_is_told_at_once(rater: Rater) -> None:
    page = rater.page
    page.route("**/modules/rating/rate.*.js", lambda route: route.fulfill(status=404))
    with page.expect_response(is_report) as report:
        page.goto(rater.url)
    sees_fault(rater)
    assert report.value.status == 204
    is_logged("The rating page: A module could not be loaded. (in , state consent)")


def test_a_mistake_in_mid_session_costs_no_answer(rater: Rater) -> None:
    page, bodies = rater.page, sent(rater.page)
    mistake = 'if (number === 2) throw new TypeError("no second trial");\n  const bar ='
    break_module(page, "const bar =", mistake)
    rater.begin()
    # One fault makes others, and their reports may be answered in any order.
    with page.expect_request("**/api/v1/faults/") as request:
        rater.answer("2")
    sees_fault(rater)
    told = request.value.post_data_json
    response = request.value.response()
    assert told and response
    assert (response.status, told["what"], told["state"]) == (
        204,
        "TypeError: no second trial",
        "trial",
    )
    assert told["where"].startswith("rate.") and told["where"].count(":") == 2
    is_logged(f"The rating page: TypeError: no second trial (in {told['where']}, state trial)")
    for key in ("Space", "Space", "1", "u", "p"):
        page.keyboard.press(key)  # nobody answers what can't be seen
    sees_fault(rater)
    page.unroute_all(behavior="wait")
    page.reload()
    rater.sees_trial(2)
    rater.all_saved()
    assert [body["choice"] for body in bodies] == ["right"]
    assert page.evaluate("localStorage.length") == 0


def test_an_answer_that_was_not_sent_yet_is_sent_next_time(rater: Rater) -> None:
    page = rater.page
    mistake = 'if (method === "PUT") throw new RangeError("not sent");\n  const headers ='
    break_module(page, "const headers =", mistake)
    rater.begin()
    trial = page.get_attribute("#rate", "data-trial")
    rater.answer("2")
    sees_fault(rater)
    assert page.evaluate("Object.values(localStorage).length") == 1
    page.unroute_all(behavior="wait")
    with page.expect_response(f"**/trials/{trial}/judgment/") as stored:
        page.reload()
    assert stored.value.status == 201
    rater.sees_trial(2)
    assert page.evaluate("localStorage.length") == 0


def test_a_mistake_where_the_server_was_asked_is_not_called_its_refusal(rater: Rater) -> None:
    page = rater.page
    break_module(page, 'return ["done",', 'throw new TypeError("no end"); return ["done",')
    rater.arrive()
    sees_fault(rater)
    expect(page.locator("[data-for=refused]")).to_be_hidden()


def test_the_words_are_in_the_rater_s_language(rater: Rater) -> None:
    page = rater.page
    break_all(page, "rate")
    page.goto(f"{rater.url}?lang=de")
    rater.sees("fault")
    expect(page.locator(CARD)).to_contain_text("Ihre Antworten sind sicher")


def test_a_mistake_of_somebody_else_s_script_is_nobody_s_business(rater: Rater) -> None:
    page = rater.page
    reports = sent(page, "/faults/")
    rater.begin()
    page.evaluate("setTimeout(() => { throw new Error('an extension') })")
    page.evaluate("void Promise.reject(new Error('an extension'))")
    rater.answer()
    rater.sees_trial(2)
    rater.all_saved()
    assert reports == []


def test_whoever_has_their_thanks_keeps_them(rater: Rater, studies: Site) -> None:
    page = rater.page
    done = Rater(page, studies, "short")
    done.begin()
    for number in range(1, 4):
        done.sees_trial(number)
        done.answer()
        if number == 2 and page.locator("#go-on").is_visible():
            page.click("#go-on")
    done.sees("done")
    with page.expect_response(is_report) as report:
        page.evaluate(
            """async () => {
              const [script] = document.querySelectorAll("script[src*=faults]");
              (await import(script.src)).reportFault(new TypeError("too late"));
            }"""
        )
    assert report.value.status == 204
    done.sees("done")
