"""A person at the rating page: what they do, and what they see of it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, Request, Route, expect

from tests.journeys.conftest import Site

# Whether the left version's samples are the original's.
SAME_AS_ORIGINAL = """
() => {
  const samples = (image) => {
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data.join();
  };
  const image = (alt) => document.querySelector(`img[alt="${alt}"]`);
  return samples(image("version A")) === samples(image("the original"));
}
"""


@dataclass(frozen=True)
class Rater:
    """A rater of one study in one tab."""

    page: Page
    site: Site
    study: str = "demo"

    @property
    def url(self) -> str:
        return f"{self.site.url}/rate/{self.study}/"

    def arrive(self, query: str = "") -> None:
        """Open the page and consent."""
        self.page.goto(f"{self.url}{query}")
        self.page.click("#begin")

    def begin(self, query: str = "") -> None:
        """Consent, read the instructions, and see the first trial."""
        self.arrive(query)
        self.go_on("instructions")
        self.sees("trial")

    def go_on(self, card: str) -> None:
        """Press the button of a card that is shown."""
        self.sees(card)
        self.page.click(f"[data-for={card}] .main")

    def is_slow(self) -> None:
        """Have the page expect a minute and a half for each trial, so that a break is worth it."""

        def slower(route: Route) -> None:
            answer = route.fetch()
            html = answer.text().replace('"trialSeconds": 6,', '"trialSeconds": 90,')
            route.fulfill(response=answer, body=html)

        self.page.route(f"{self.url}*", slower)

    def sees(self, state: str) -> None:
        """Wait for a state of the page."""
        expect(self.page.locator("#rate")).to_have_attribute("data-state", state)

    def sees_trial(self, number: int) -> None:
        """Wait for a trial by its number."""
        expect(self.page.locator("#progress")).to_have_text(re.compile(rf"^{number} of \d+$"))
        self.sees("trial")

    def answer(self, key: str = "1", flips: int = 1) -> None:
        """Flip, then answer by key."""
        for _ in range(flips):
            self.page.keyboard.press("Space")
        self.page.keyboard.press(key)

    def all_saved(self) -> None:
        """Wait until nothing waits to be sent."""
        expect(self.page.locator("#saved")).to_have_text("saved")


def judge_by_keys(rater: Rater, trials: int) -> None:
    """Answer so many trials by keys, and wait until all is saved."""
    for trial in range(1, trials + 1):
        rater.sees_trial(trial)
        rater.answer("1" if trial % 3 else "ArrowRight")
    rater.sees_trial(trials + 1)
    rater.all_saved()


def person() -> str:
    """Return the parameters with which a platform sends somebody new."""
    return f"?PROLIFIC_PID={uuid4().hex}&STUDY_ID=s1&SESSION_ID=x1"


def sent(page: Page, end: str = "judgment/") -> list[dict[str, Any]]:
    """Collect the bodies that the page sends to addresses with this end, from now on."""
    bodies: list[dict[str, Any]] = []

    def keep(request: Request) -> None:
        if request.url.endswith(end) and request.post_data:
            bodies.append(json.loads(request.post_data))

    page.on("request", keep)
    return bodies


def practise(
    rater: Rater,
    *,
    right: list[bool],
    first: int = 1,
    total: int = 2,
    look: Callable[[str], None] = lambda name: None,
) -> None:
    """Answer practice trials rightly or wrongly, knowing the original when it is seen."""
    page = rater.page
    for number, is_right in enumerate(right, start=first):
        expect(page.locator("#progress")).to_have_text(f"practice {number} of {total}")
        rater.sees("trial")
        left_is_original = page.evaluate(SAME_AS_ORIGINAL)
        rater.answer("1" if left_is_original == is_right else "2", flips=2)
        rater.sees("feedback")
        name = "A" if left_is_original else "B"
        words = f"Right: {name} is closer." if is_right else f"No: {name} is closer."
        expect(page.locator("#feedback")).to_contain_text(words)
        look("feedback")
        page.keyboard.press("Enter")
