"""Factsheets by their deadline, and what follows for who may win."""

from datetime import datetime, timedelta

import pytest

from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.storage import content_store
from ratings.submissions.intake.factsheets import LARGEST_BYTES, erase_factsheets, put_factsheet
from ratings.submissions.intake.ingest import put
from ratings.submissions.models import Factsheet
from ratings.submissions.rulings.eligibility import eligibilities, eligibility_of
from tests.builders import NOW, build_phase, build_submission, build_team
from tests.submissions.builders import DUE, PDF

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def phase() -> Phase:
    return build_phase(factsheet_closes_at=DUE, utc_offset=timedelta(hours=-8))


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc")


def refusal(phase: Phase, team: Team, content: bytes, at: datetime = NOW, **options: str) -> str:
    with pytest.raises(Refused) as refused:
        put_factsheet(phase, team, [content], at, **options)
    return f"{refused.value.code}: {refused.value}"


def test_the_last_one_in_time_counts(phase: Phase, team: Team) -> None:
    put_factsheet(phase, team, [PDF], NOW)
    put_factsheet(phase, team, [PDF, b"\n"], DUE - INSTANT)
    factsheet = Factsheet.objects.get()
    assert (factsheet.size_bytes, factsheet.received_at) == (len(PDF) + 1, DUE - INSTANT)
    assert content_store.load(factsheet.sha256) == PDF + b"\n"
    assert "were due by 2018-04-15T03:59:59-08:00" in refusal(phase, team, PDF, DUE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no PDF"),
        (b"PK\3\4", "no PDF"),
        (b"<html>%PDF-1.4 %%EOF", "no PDF"),
        (b"%PDF-1.7" + bytes(5000), "cut off"),
        (b"%PDF-1.7 %%EOF" + bytes(5000), "cut off"),
    ],
)
def test_what_is_no_whole_pdf_is_refused(
    phase: Phase, team: Team, content: bytes, said: str
) -> None:
    assert said in refusal(phase, team, content)
    assert not Factsheet.objects.exists()


def test_what_is_too_large_is_refused(phase: Phase, team: Team) -> None:
    assert refusal(phase, team, PDF + bytes(LARGEST_BYTES)).startswith("too-large")


def test_a_phase_that_asks_for_none_takes_none(team: Team) -> None:
    assert "asks for no factsheet" in refusal(build_phase(team.challenge), team, PDF)


def test_an_organizer_takes_a_late_one_in_on_record(phase: Phase, team: Team) -> None:
    assert refusal(phase, team, PDF, DUE, by="ann").startswith("note")
    put_factsheet(phase, team, [PDF], DUE, by="ann", late_note="Mail was down.")
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.by, entry.team, entry.note) == (
        "factsheet",
        "ann",
        team,
        "Mail was down.",
    )


@pytest.mark.django_db(transaction=True)
def test_another_factsheet_in_its_place_deletes_the_first(phase: Phase, team: Team) -> None:
    first = put_factsheet(phase, team, [PDF], NOW).sha256
    second = put_factsheet(phase, team, [PDF + b"\n"], NOW).sha256
    assert put_factsheet(phase, team, [PDF + b"\n"], NOW).sha256 == second
    assert not content_store.path(first).exists()
    assert content_store.load(second) == PDF + b"\n"


@pytest.mark.django_db(transaction=True)
def test_erasing_deletes_the_file_unless_another_team_sent_the_same(phase: Phase) -> None:
    teams = [build_team(phase.challenge) for _ in range(2)]
    for team in teams:
        put_factsheet(phase, team, [PDF], NOW)
    sha256 = Factsheet.objects.filter(team=teams[0]).get().sha256
    erase_factsheets(teams[0], NOW)
    assert content_store.path(sha256).exists()
    erase_factsheets(teams[1], NOW)
    assert not content_store.path(sha256).exists()


@pytest.mark.django_db(transaction=True)
def test_erasing_keeps_the_file_of_a_bitstream_that_is_the_same(phase: Phase) -> None:
    team = build_team(phase.challenge)
    put_factsheet(phase, team, [PDF], NOW)
    other = build_submission(phase, build_team(phase.challenge))
    sent = put(other, "bitstreams", phase.originals()[0].stem, [PDF], received_at=NOW)
    erase_factsheets(team, NOW)
    assert content_store.path(sent.sha256).exists()


@pytest.mark.parametrize(
    ("kind", "has_factsheet", "now", "expected"),
    [
        ("competing", True, DUE, ("competing", "")),
        ("competing", False, DUE - INSTANT, ("competing", "")),
        ("competing", False, DUE, ("ineligible", "No factsheet by 2018-04-15T03:59:59-08:00.")),
        ("ineligible", True, DUE, ("ineligible", "organizers")),
        ("baseline", False, DUE, ("baseline", "organizers")),
    ],
)
def test_who_may_win(
    phase: Phase, kind: str, has_factsheet: bool, now: datetime, expected: tuple[str, str]
) -> None:
    reason = "" if kind == "competing" else "organizers"
    team = build_team(phase.challenge, kind=kind, kind_reason=reason)
    eligible = eligibility_of(team, phase, now, has_factsheet=has_factsheet)
    assert (eligible.kind, eligible.reason) == expected
    assert eligible.eligible == (expected[0] == "competing")


def test_a_phase_without_factsheets_asks_nobody_for_one(team: Team) -> None:
    phase = build_phase(team.challenge)
    assert eligibility_of(team, phase, NOW, has_factsheet=False).eligible


def test_standings_are_of_the_teams_of_the_phase(phase: Phase, team: Team) -> None:
    other = build_team(phase.challenge, name="late")
    build_team(phase.challenge, name="absent")
    for who in (team, team, other):
        build_submission(phase, who)
    put_factsheet(phase, team, [PDF], NOW)
    assert {
        name: eligibility.eligible for name, eligibility in eligibilities(phase, DUE).items()
    } == {
        "xvc": True,
        "late": False,
    }
