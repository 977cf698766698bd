"""The panel's sheet: what it shows, who can win, and that nothing that was decided is lost."""

import csv
import io
from datetime import datetime, timedelta

import pytest

from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.ranking.models import Award, PanelVote
from ratings.ranking.tables.panel_sheet import (
    PANEL_COLUMNS,
    award,
    sheet,
    sheet_csv,
    sheet_document,
    shown_awards,
    vote,
    withdraw_award,
)
from tests.builders import NOW, build_decoder, build_team
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import build_ranked_study, build_running_phase

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def phase() -> Phase:
    """Make three scored entries: A of PSNR rank 1, B of 2, and a baseline."""
    phase = build_running_phase(boards_open_at=NOW + HOUR)
    for error, (method, kind) in enumerate(
        (("A", "competing"), ("B", "competing"), ("JPEG", "baseline")), start=1
    ):
        team = build_team(phase.challenge, name=f"team {method}", kind=kind)
        build_scored_submission(phase, team, method=method, error=error)
    return phase


def pk(phase: Phase, method: str) -> str:
    return str(phase.submissions.get(method=method).pk)


def told(phase: Phase, now: datetime) -> list[Award]:
    """Return the awards that everyone knows of, in the order of time."""
    return list(shown_awards([phase], now))


def test_the_sheet_has_both_boards_and_what_else_is_weighed(phase: Phase) -> None:
    build_decoder(phase.submissions.get(method="A"), b"#!/bin/sh")
    shown = sheet(phase, NOW)
    assert all(list(row) == PANEL_COLUMNS for row in shown.rows)
    assert [(row["method"], row["psnr_rank"], row["decoder_bytes"]) for row in shown.rows] == [
        ("A", 1, 9),
        ("B", 2, None),
        ("JPEG", 3, None),
    ]
    assert shown.rows[2]["kind"] == "baseline"


def test_human_ranks_come_first() -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    ranks = [row["human_rank"] for row in sheet(phase, NOW).rows]
    assert ranks == sorted(ranks) and None not in ranks


def test_a_members_newest_vote_counts_and_all_are_kept(phase: Phase) -> None:
    for number, (member, method) in enumerate((("ann", "A"), ("bob", "B"), ("ann", "B"))):
        vote(phase, pk(phase, method), member, f"remark {number}", NOW + number * HOUR)
    shown = sheet(phase, NOW)
    assert {row["method"]: row["votes"] for row in shown.rows} == {"A": 0, "B": 2, "JPEG": 0}
    document = sheet_document(shown)
    assert [(line["member"], line["counts"]) for line in document["votes"]] == [
        ("ann", False),
        ("bob", True),
        ("ann", True),
    ]
    assert document["votes"][0]["remarks"] == "remark 0"


@pytest.mark.parametrize("chosen", ["JPEG", "nothing"])
def test_what_can_not_win_is_neither_voted_for_nor_awarded(phase: Phase, chosen: str) -> None:
    target = pk(phase, chosen) if chosen == "JPEG" else chosen
    for act in (
        lambda: vote(phase, target, "ann", "", NOW),
        lambda: award(phase, target, "Winner", "Why", "ann", NOW),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "panel"
    assert not PanelVote.objects.exists() and not Award.objects.exists()


def test_a_missing_factsheet_keeps_a_team_from_winning(phase: Phase) -> None:
    phase.factsheet_closes_at = NOW
    phase.save()
    with pytest.raises(Refused, match="No factsheet by"):
        award(phase, pk(phase, "A"), "Winner", "Why", "ann", NOW)
    assert award(phase, pk(phase, "A"), "Winner", "Why", "ann", NOW - HOUR)


@pytest.mark.parametrize(("title", "statement"), [(" ", "Why"), ("Winner", "")])
def test_an_award_needs_title_and_reasons(phase: Phase, title: str, statement: str) -> None:
    with pytest.raises(Refused, match="needs a title"):
        award(phase, pk(phase, "A"), title, statement, "ann", NOW)


def test_nothing_is_published_before_the_release(phase: Phase) -> None:
    first = award(phase, pk(phase, "A"), "Winner", "Best by both.", "ann", NOW)
    second = award(phase, pk(phase, "B"), "Fastest", "Half the time.", "ann", NOW)
    assert phase.boards_open_at is not None
    assert told(phase, phase.boards_open_at - timedelta(microseconds=1)) == []
    assert told(phase, phase.boards_open_at) == [first, second]
    withdraw_award(second.pk, phase, "bob", NOW + HOUR)
    assert told(phase, phase.boards_open_at) == [first]
    with pytest.raises(Refused, match="withdrawn before"):
        withdraw_award(second.pk, phase, "bob", NOW + HOUR)
    document = sheet_document(sheet(phase, NOW))
    assert [(line["title"], line["withdrawn_by"]) for line in document["awards"]] == [
        ("Winner", ""),
        ("Fastest", "bob"),
    ]
    assert {row["method"]: row["awards"] for row in document["results"]}["A"] == "Winner"


def test_awards_wait_for_boards_that_are_frozen(phase: Phase) -> None:
    made = award(phase, pk(phase, "A"), "Winner", "Best by both.", "ann", NOW)
    phase.boards_frozen_from, phase.boards_frozen_until = NOW + 2 * HOUR, NOW + 4 * HOUR
    instants = [NOW + hours * HOUR for hours in (1, 2, 3, 4)]
    assert [told(phase, now) for now in instants] == [[made], [], [], [made]]


def test_an_award_of_another_phase_is_not_withdrawn(phase: Phase) -> None:
    made = award(phase, pk(phase, "A"), "Winner", "Why", "ann", NOW)
    with pytest.raises(Refused):
        withdraw_award(made.pk, build_running_phase(), "bob", NOW)


def test_the_csv_holds_the_rows(phase: Phase) -> None:
    rows = list(csv.DictReader(io.StringIO(sheet_csv(sheet(phase, NOW)))))
    assert [row["method"] for row in rows] == ["A", "B", "JPEG"]
    assert list(rows[0]) == PANEL_COLUMNS
