"""What a rater does on the rating page, from consent to the completion code."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.conftest import Site
from tests.journeys.obstacles import hold_back
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater, person, practise, sent


@pytest.fixture
def rater(page: Page, studies: Site) -> Rater:
    return Rater(page, studies, "flip")


@pytest.fixture
def phone(browser: Browser, studies: Site) -> Iterator[Page]:
    with profile(
        browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        yield context.new_page()


def test_keys_mouse_and_touch_all_answer_and_every_fact_is_told(rater: Rater) -> None:
    page, bodies = rater.page, sent(rater.page)
    rater.begin()
    page.keyboard.press("1")  # too early: only one version was seen
    expect(page.locator("#hint")).to_have_text("Look at both A and B first.")
    rater.answer("ArrowLeft", flips=3)
    rater.sees_trial(2)
    page.click("#stage .slot >> nth=0")
    page.click("[data-choice=right]")
    rater.sees_trial(3)
    page.tap("#stage")
    page.tap("[data-choice=tie]")
    rater.sees_trial(4)
    rater.all_saved()
    assert [body["choice"] for body in bodies] == ["left", "right", "tie"]
    assert [body["input"] for body in bodies] == ["key", "mouse", "touch"]
    assert [body["flips"] for body in bodies] == [3, 1, 1]
    body = bodies[0]
    assert (body["layout"], body["arrangement"], body["visit"]) == ("flip", "beside", 1)
    assert (body["enlarge"], body["magnified"], body["pans"]) == (1, 1, 0)
    assert (body["window_width"], body["device_pixel_ratio"], body["zoom"]) == (1366, 1, 1)
    assert body["shown_first"] in ("left", "right")
    assert len(body["flip_ms"]) == 3 and body["flip_ms"] == sorted(body["flip_ms"])
    assert body["first_input_ms"] <= body["flip_ms"][0] <= body["response_ms"]
    assert body["shown_at"] < body["answered_at"]
    assert (body["hidden_ms"], body["hidden_count"]) == (0, 0)


def test_magnifying_and_panning_are_the_same_for_all_pictures_and_recorded(rater: Rater) -> None:
    rater = Rater(rater.page, rater.site, "wide")
    page, bodies = rater.page, sent(rater.page)
    page.set_viewport_size({"width": 1000, "height": 768})
    rater.begin()
    for _ in range(2):
        page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowRight")
    page.click("[data-pan='0 1']")
    box = page.locator(".pane").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 60, steps=4)
    page.mouse.up()
    offsets = page.eval_on_selector_all(
        ".picture", "all => all.map(one => [one.offsetLeft, one.offsetTop].join())"
    )
    assert len(set(offsets)) == 1
    expect(page.locator("#magnified")).to_contain_text("4")
    rater.answer()
    rater.sees_trial(2)
    expect(page.locator("#magnified")).to_contain_text("1")
    rater.all_saved()
    assert (bodies[0]["magnified"], bodies[0]["pans"], bodies[0]["flips"]) == (4, 3, 1)


def test_the_way_in_opens_when_the_page_listens(rater: Rater) -> None:
    page = rater.page
    let_script_come = hold_back(page, "rate")
    page.goto(rater.url, wait_until="commit")
    expect(page.locator("#begin")).to_have_attribute("aria-disabled", "true")
    let_script_come()
    page.click("#begin")
    rater.sees("instructions")


def test_the_last_answer_can_be_undone_once(rater: Rater) -> None:
    page, bodies, undos = rater.page, sent(rater.page), sent(rater.page, "undo/")
    rater.begin()
    rater.answer("1")
    rater.sees_trial(2)
    page.keyboard.press("u")
    rater.sees_trial(1)
    expect(page.locator("#undo")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("u")  # once only
    rater.answer("2")
    rater.sees_trial(2)
    page.click("#undo")
    rater.sees_trial(1)
    rater.answer("0")
    rater.sees_trial(2)
    rater.answer("1")
    rater.sees_trial(3)
    rater.all_saved()
    assert [undo["attempt"] for undo in undos] == [1, 2]
    assert [(body["choice"], body["attempt"]) for body in bodies] == [
        ("left", 1),
        ("right", 2),
        ("tie", 3),
        ("left", 1),
    ]


def test_single_keys_can_be_switched_off(rater: Rater) -> None:
    page = rater.page
    rater.begin()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("1")  # not while the list is open
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.locator("#stage").focus()
    rater.answer("1")  # the space bar flips on the pictures; 1 does nothing
    expect(page.locator("[data-choice=left]")).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("p")
    page.keyboard.press("?")
    rater.sees_trial(1)
    page.locator("[data-choice=left]").press("Space")  # a button works as buttons do
    rater.sees_trial(2)
    page.reload()  # and stays so
    rater.sees("trial")
    assert not page.is_checked("#single-keys")


def test_a_break_is_offered_and_the_end_gives_the_code_and_leads_back(
    page: Page, studies: Site
) -> None:
    rater = Rater(page, studies, "short")
    page.route("https://crowd.example/**", lambda route: route.fulfill(body="Welcome back."))
    page.clock.install()
    somebody = person()
    rater.is_slow()
    rater.begin(somebody)
    rater.answer()
    rater.sees_trial(2)
    rater.answer()
    rater.sees("rest")
    expect(page.locator("#go-on")).to_be_focused()
    expect(page.locator("#rest-progress")).to_contain_text("2 of 3 judged")
    page.clock.fast_forward(65_000)
    # The page's clock goes on while others have the machine.
    expect(page.locator("#rested")).to_have_text(
        re.compile(r"^Resting for (1:0[5-9]|1:[1-5]\d|[2-4]:[0-5]\d)$")
    )
    page.keyboard.press("Enter")
    rater.sees_trial(3)
    rater.answer()
    rater.sees("done")
    expect(page.locator("#code")).to_have_value("C1A2B3D4")
    expect(page.locator("#return")).to_have_attribute(
        "href", "https://crowd.example/done?cc=C1A2B3D4"
    )
    page.click("#stay")
    page.clock.fast_forward(60_000)
    rater.sees("done")
    page.reload()  # the code is still there, and now nobody stops what comes
    expect(page.locator("#code")).to_have_value("C1A2B3D4")
    page.clock.run_for(20_000)
    page.wait_for_url("https://crowd.example/done?cc=C1A2B3D4")
    page.goto(f"{rater.url}{somebody}")
    rater.sees("done")


def test_who_is_done_finds_the_code_in_another_browser_too(browser: Browser, studies: Site) -> None:
    somebody = person()
    for attempt in range(2):
        with profile(browser) as context:
            rater = Rater(context.new_page(), studies, "short")
            if attempt:
                rater.page.goto(f"{rater.url}{somebody}")  # consent was given
                rater.sees("done")
                expect(rater.page.locator("#code")).to_have_value("C1A2B3D4")
                continue
            rater.arrive(somebody)
            rater.go_on("instructions")
            for number in (1, 2, 3):
                rater.sees_trial(number)
                rater.answer()  # for the sake of one trial no break is offered
            rater.sees("done")


def test_another_device_goes_on_with_the_link(rater: Rater, browser: Browser) -> None:
    rater.begin()
    rater.answer()
    rater.sees_trial(2)
    rater.all_saved()
    rater.page.keyboard.press("p")
    rater.sees("rest")
    link = rater.page.input_value("#link")
    assert link.startswith(rater.url)
    with profile(browser) as context:
        other = Rater(context.new_page(), rater.site, "flip")
        other.page.goto(link)
        assert other.page.url == other.url  # the secret has left the address
        other.sees_trial(2)
        other.page.goto(link[:-5])
        other.sees("lost")


def test_german_is_spoken_throughout(browser: Browser, studies: Site) -> None:
    with profile(browser, locale="de-AT") as context:
        rater = Rater(context.new_page(), studies, "flip")
        page = rater.page
        page.goto(rater.url)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator("#begin")).to_have_text("Ich willige ein: beginnen")
        page.click(".languages [lang=en]")
        expect(page.locator("#begin")).to_have_text("I consent: begin")
        page.click(".languages [lang=de]")
        expect(page.locator("#begin")).to_have_text("Ich willige ein: beginnen")
        page.click("#begin")
        rater.go_on("instructions")
        rater.sees("trial")
        expect(page.locator("#progress")).to_have_text("1 von 24")
        expect(page.locator(".caption").last).to_have_text("Original")
        page.keyboard.press("1")
        expect(page.locator("#hint")).to_have_text("Schauen Sie zuerst A und B an.")
    with profile(browser, locale="fr-FR") as context:  # no French: the study's first language
        page = context.new_page()
        page.goto(rater.url)
        expect(page.locator("html")).to_have_attribute("lang", "en")


def test_where_pictures_cannot_be_exact_no_answer_is_taken(rater: Rater) -> None:
    page, bodies = rater.page, sent(rater.page)
    rater.begin()
    for style in ("scale: 0.999", "zoom: 1.1", "filter: invert(1)", "transform: translateX(0.4px)"):
        page.evaluate("style => { document.body.style.cssText = style; }", style)
        rater.answer()
        expect(page.locator("#hint")).to_contain_text("be judged")
    page.evaluate("document.body.style.cssText = ''")
    page.context.new_cdp_session(page).send(
        "Emulation.setPageScaleFactor", {"pageScaleFactor": 1.5}
    )
    rater.answer()
    expect(page.locator("#notice")).to_contain_text("magnified by two fingers")
    assert not bodies


def test_a_small_window_is_refused_where_the_study_wants_it(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "roomy")
    page.set_viewport_size({"width": 520, "height": 700})
    rater.arrive()
    rater.sees("instructions")
    expect(page.locator("[data-check=window]")).to_contain_text("too small")
    page.click("[data-for=instructions] .main")
    rater.sees("instructions")
    page.set_viewport_size({"width": 800, "height": 700})
    expect(page.locator("[data-check=window]")).to_contain_text("room for all pictures")
    rater.go_on("instructions")
    rater.sees("trial")
    page.set_viewport_size({"width": 500, "height": 700})
    rater.sees("small")
    expect(page.locator("#small-text")).to_contain_text("the window has 500")
    page.keyboard.press("Space")
    page.set_viewport_size({"width": 800, "height": 700})
    rater.sees("trial")
    page.keyboard.press("p")
    rater.go_on("rest")
    rater.sees("trial")
    rater.answer()
    rater.sees_trial(2)


def test_on_a_phone_one_picture_at_a_time_fills_the_window(phone: Page, studies: Site) -> None:
    rater = Rater(phone, studies, "flip")
    bodies = sent(phone)
    rater.arrive()
    rater.sees("instructions")
    expect(phone.locator("[data-for=instructions] .main")).to_be_in_viewport()
    expect(phone.locator("#measured")).not_to_have_attribute("open", "")
    expect(phone.locator("[data-check=window]")).to_contain_text(
        "room for one picture at a time, as large as it allows"
    )
    expect(phone.locator("[data-for=instructions]")).not_to_contain_text(
        "space bar", use_inner_text=True
    )
    rater.go_on("instructions")
    rater.sees("trial")
    expect(phone.locator(".pane")).to_have_css("width", "384px")  # three times 128
    expect(phone.locator("#notice")).to_have_text("Look at A, B and the original first.")
    lit = phone.locator(".faces [data-next]")
    while lit.count():
        lit.tap()
    expect(phone.locator("#notice")).to_have_text("")
    phone.tap("#larger")
    expect(phone.locator("#larger")).to_contain_text("Magnify 2")
    expect(phone.locator("#pans")).to_be_hidden()
    phone.tap("[data-choice=left]")
    rater.sees_trial(2)
    rater.all_saved()
    body = bodies[0]
    assert (body["arrangement"], body["enlarge"], body["magnified"]) == ("single", 3, 2)
    assert (body["flips"], body["input"]) == (2, "touch")


def test_magnified_pictures_stand_in_one_place_where_they_have_no_room(
    browser: Browser, studies: Site
) -> None:
    with profile(browser, viewport={"width": 760, "height": 700}) as context:
        magnify_where_there_is_no_room(Rater(context.new_page(), studies, "flip"))


def magnify_where_there_is_no_room(rater: Rater) -> None:
    page = rater.page
    rater.begin()
    expect(page.locator(".slot")).to_have_count(2)
    page.keyboard.press("+")
    expect(page.locator(".slot")).to_have_count(2)
    page.keyboard.press("+")
    expect(page.locator(".slot")).to_have_count(1)
    expect(page.locator(".pane")).to_have_css("width", "512px")
    page.keyboard.press("-")
    expect(page.locator(".slot")).to_have_count(2)
    page.set_viewport_size({"width": 760, "height": 300})
    expect(page.locator("#notice")).to_contain_text("smaller than the pictures")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (3840, 2160)])
def test_the_question_and_the_answers_stand_beside_the_pictures(
    rater: Rater, width: int, height: int
) -> None:
    page = rater.page
    page.set_viewport_size({"width": width, "height": height})
    rater.begin()
    places = {name: page.locator(name).bounding_box() for name in ("#question", "#controls")}
    pane, question, controls = page.locator(".pane").first.bounding_box(), *places.values()
    assert pane and question and controls
    assert 0 < pane["y"] - (question["y"] + question["height"]) < 100
    assert 0 <= controls["y"] - (pane["y"] + pane["height"]) < 100
    for name in ("Space", "1"):  # nothing of it moves while one judges
        page.keyboard.press(name)
        rater.sees_trial(2 if name == "1" else 1)
        assert {each: page.locator(each).bounding_box() for each in places} == places


@pytest.mark.parametrize("layout", ["sides", "against"])
def test_the_other_layouts(page: Page, studies: Site, layout: str) -> None:
    rater, bodies = Rater(page, studies, layout), sent(page)
    rater.begin()
    captions = page.locator(".caption")
    if layout == "sides":
        assert captions.all_inner_texts() == ["A", "Original", "B"]
        rater.answer(flips=0)
    else:
        assert captions.all_inner_texts() == ["A", "B"]
        page.click(".slot >> nth=1")
        assert captions.all_inner_texts() == ["A", "Original"]
        page.keyboard.press("Space")
        assert captions.all_inner_texts() == ["Original", "B"]
        page.click("[data-face=versions]")
        assert captions.all_inner_texts() == ["A", "B"]
        rater.answer(flips=0)
    rater.sees_trial(2)
    rater.all_saved()
    assert (bodies[0]["layout"], bodies[0]["flips"]) == (layout, 0 if layout == "sides" else 3)
    assert "shown_first" not in bodies[0]


def test_practice_tells_which_was_closer_and_must_be_passed(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "trained")
    rater.arrive(person())
    expect(page.locator("[data-for=instructions]")).to_contain_text("First come 2 trials")
    rater.go_on("instructions")
    practise(rater, right=[True, False])
    rater.sees("again")
    expect(page.locator("#again-text")).to_contain_text("1 of 2 right")
    rater.go_on("again")
    practise(rater, right=[True, True])
    rater.sees("ready")
    expect(page.locator("#ready-text")).to_contain_text("2 of 2 right")
    rater.go_on("ready")
    rater.sees_trial(1)
    rater.answer()
    rater.sees_trial(2)


def test_who_fails_the_practice_leaves_with_thanks_and_a_code(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "trained")
    rater.arrive(person())
    rater.go_on("instructions")
    practise(rater, right=[False, False])
    rater.go_on("again")
    practise(rater, right=[False, True])
    rater.sees("screened-out")
    expect(page.locator("#code")).to_have_value("S9Z8Y7X6")


def test_refusals_say_what_is_and_what_to_do(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "invited")
    page.goto(rater.url)
    rater.sees("not-invited")
    rater = Rater(page, studies, "full")
    page.request.post(f"{studies.url}/api/v1/studies/full/raters/", data={"consent": True})
    page.context.clear_cookies()
    page.goto(rater.url)
    rater.sees("quota-reached")
    expect(page.locator("[data-for=quota-reached]")).to_contain_text("All places are taken")


def test_without_cookies_the_page_says_so(page: Page, studies: Site) -> None:
    def keep_no_cookie(route: Route) -> None:
        answer = route.fetch()
        headers = {key: value for key, value in answer.headers.items() if key != "set-cookie"}
        page.context.clear_cookies()
        route.fulfill(response=answer, headers=headers)

    page.route("**/raters/", keep_no_cookie)
    rater = Rater(page, studies, "flip")
    rater.arrive()
    rater.go_on("instructions")
    rater.sees("no-rater")
