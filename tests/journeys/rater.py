"""A person at the rating page: what they do, and what they see of it."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site


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
