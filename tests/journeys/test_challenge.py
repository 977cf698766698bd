"""A new team's way through a challenge: its decoder runs in the sandbox, in two phases."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site, shoot
from tests.journeys.contest import (
    FAR_OFF,
    LONG_AGO,
    compress,
    phase,
    pictures,
    submit,
    write_decoder,
    write_definition,
)

SLUG = "race"
SEEN, UNSEEN = pictures(0, 2), pictures(2, 4)
VALIDATION, TEST = (SLUG, "validation"), (SLUG, "test")


class Race:
    """The challenge, whose calendar the organizers move."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self._folder = site, folder

    def move(self, *, validation_closes: str, test_opens: str, test_closes: str = FAR_OFF) -> None:
        registered = {"decoder": '"registered"', "decoders_from": '"validation"'}
        file = write_definition(
            self._folder,
            SLUG,
            {"seen": SEEN, "unseen": UNSEEN},
            phase("validation", "seen", opens=LONG_AGO, closes=validation_closes),
            phase("test", "unseen", opens=test_opens, closes=test_closes, **registered),
        )
        self.site.manage("load_challenge", str(file))

    def begin_the_test(self) -> None:
        """End the validation phase now, and open the test phase."""
        now = f"{datetime.now(UTC) - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
        self.move(validation_closes=now, test_opens=LONG_AGO)


@pytest.fixture
def race(site: Site, tmp_path: Path) -> Iterator[Race]:
    race = Race(site, tmp_path / "race")
    race.move(validation_closes=FAR_OFF, test_opens="2037-01-15T00:00:00Z")
    yield race
    # No other journey finds a phase of it open.
    over = "2019-01-15T00:00:00Z"
    race.move(validation_closes=over, test_opens=LONG_AGO, test_closes=over)


def scored(printed: str) -> str:
    """Return the PSNR as a board shows it."""
    match = re.match(r"Scored: PSNR (\d+\.\d+) dB at \d\.\d+ bits per pixel", printed)
    assert match, printed
    return f"{float(match[1]):.2f}"


def test_a_new_team_from_its_first_submission_to_the_test_board(
    race: Race, tmp_path: Path, page: Page
) -> None:
    site, work = race.site, tmp_path
    slow = write_decoder(work / "slow.zip", {"0": 200})
    quick = write_decoder(work / "quick.zip", {})
    ours = write_decoder(work / "decoder.zip", {"0": 8})
    theirs, seen = compress(work / "theirs", SEEN, 20), compress(work / "seen", SEEN, 70)

    # The rivals' decoder runs, and the newcomers wait behind it, until the rivals send another.
    first = submit(site, VALIDATION, "Rivals", slow, *theirs)
    first.sees("Decoding, attempt 1.")
    own = submit(site, VALIDATION, "Newcomers", ours, *seen)
    own.sees("Queued: 1 before it.")
    second = submit(site, VALIDATION, "Rivals", quick, *theirs)
    assert first.ends() == (1, "")
    assert "ERROR: The submission is superseded." in first.told

    # The newcomers' is next, and its log comes while it runs.
    own.sees("decoding 0\n")
    assert own.shown(site, "Newcomers")["run"]["state"] == "running"
    code, printed = own.ends()
    assert code == 0, own.told
    steps = ("Sending: 100 %", "Queued: 1 before it.", "Decoding, attempt 1.", "decoding 0\n")
    assert sorted(steps, key=own.told.index) == list(steps)
    assert "decoding 1\n" in own.told
    assert second.ends()[0] == 0, second.told

    page.goto(f"{site.url}/{SLUG}/validation/board/")
    rows = page.locator("section[aria-labelledby=psnr] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Newcomers")
    expect(rows.first).to_contain_text(scored(printed))
    shoot(page, "race-validation")

    # In the test phase another decoder is refused by name, and the same one is taken.
    race.begin_the_test()
    unseen = compress(work / "unseen", UNSEEN, 70)
    refused = submit(site, TEST, "Newcomers", quick, *unseen)
    code, printed = refused.ends()
    assert (code, printed) == (1, "")
    (why,) = [line for line in refused.told.splitlines() if line.startswith("ERROR: ")]
    assert re.match(
        r"ERROR: This decoder \(SHA-256 [0-9a-f]{12}\) is none of those that Newcomers submitted "
        r"in Validation by 20\S+: [0-9a-f]{12} \(Newcomers\)\. Send one of them, byte for byte\.",
        why,
    ), why
    taken = submit(site, TEST, "Newcomers", ours, *unseen)
    code, printed = taken.ends()
    assert code == 0, taken.told
    assert "decoding 3\n" in taken.told

    page.goto(f"{site.url}/{SLUG}/test/board/")
    row = page.locator("section[aria-labelledby=psnr] tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Newcomers")
    expect(row).to_contain_text(scored(printed))
    shoot(page, "race-test")
