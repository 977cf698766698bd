"""Boards freeze; a visitor finds the ranking that stood then, copies the reference, checks it."""

import hashlib
import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import Site, shoot
from tests.waiting import PATIENCE_SECONDS, eventually

STUDY = "wide"
OPENED = "2018-01-16T00:00:00Z"
SOON = timedelta(seconds=15)


@pytest.fixture
def frozen(studies: Site, tmp_path: Path) -> Iterator[Site]:
    """Let the small studies' boards be open, and freeze once one of them is judged."""
    file, text = tmp_path / "journeys.toml", studies.manage("dump_challenge", "journeys")
    kept = re.sub(r"(?m)^originals = .*\n", "", text)
    studies.manage("simulate_raters", STUDY, "--raters=6", "--judgments=120", "--seed=1")
    opened = f"[[phase]]\nboards_open = {OPENED}\n"
    file.write_text(kept.replace("[[phase]]\n", opened, 1))
    studies.manage("load_challenge", str(file))
    # A frozen board shows what was fitted before: the judgments' ranking has to be there.
    board = f"{studies.url}/journeys/open/board/?study={STUDY}"
    eventually(lambda: b"for citation" in fetched(board), every=1)
    # Soon: one that is fitted while the file is being loaded would take its place unnoticed.
    soon = (datetime.now(UTC) + SOON).isoformat()
    keys = f"boards_open = {OPENED}\nboards_frozen_from = {soon}\n"
    file.write_text(kept.replace("[[phase]]\n", f"[[phase]]\n{keys}", 1))
    studies.manage("load_challenge", str(file))
    yield studies
    file.write_text(kept)
    studies.manage("load_challenge", str(file))


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
        return bytes(answer.read())


def test_a_frozen_board_leads_to_a_ranking_that_anybody_can_check(frozen: Site, page: Page) -> None:
    board = f"{frozen.url}/journeys/open/board/?study={STUDY}"
    eventually(lambda: b"This ranking, for citation" in fetched(board), every=1)
    page.goto(board)
    expect(page.locator("main")).to_contain_text("The boards are frozen.")
    page.get_by_role("link", name="This ranking, for citation").click()
    expect(page.get_by_role("heading", name="Check it")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile(r"Computed from \d+\s+judgments"))
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert violations(page) == []
    shoot(page, "frozen-ranking")
    digest = page.url.rstrip("/").rpartition("/")[2]
    told = page.locator("pre").last.inner_text()
    call = re.search(r"'(.*)'", told)
    assert call and hashlib.sha256(fetched(call[1])).hexdigest() == digest
    picture = page.locator('meta[property="og:image"]').get_attribute("content")
    assert picture and fetched(picture).startswith(b"\x89PNG")
    feed = feedparser.parse(fetched(f"{frozen.url}/journeys/feed.atom"))
    titles = [entry.title for entry in feed.entries]
    assert titles == ["Open: deadline moved", "Open: boards are open"]
