"""What needs an organizer's attention, and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ratings.web.desk.home.alerts import SLOW, SOON, PhaseFacts, StudyFacts, Unfilled, matters

NOW = datetime(2018, 4, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
QUIET_PHASE = PhaseFacts(
    "Validation", NOW - 9 * SOON, NOW + 9 * SOON, NOW, failed=0, oldest_queued_at=None
)
QUIET_STUDY = StudyFacts("Main", True, 5, 0, 100, 0, True, NOW)


def texts(phase: PhaseFacts = QUIET_PHASE, study: StudyFacts = QUIET_STUDY) -> list[str]:
    return [matter.text for matter in matters([phase], [study], NOW)]


def test_when_all_is_well_there_is_nothing() -> None:
    assert matters([], [], NOW) == []
    assert texts() == []


def test_a_submission_that_waits_too_long() -> None:
    assert texts(replace(QUIET_PHASE, oldest_queued_at=NOW - SLOW)) == []
    (text,) = texts(replace(QUIET_PHASE, oldest_queued_at=NOW - SLOW - SECOND))
    assert "worker" in text


def test_decoders_that_no_worker_can_run_say_why() -> None:
    waits = replace(QUIET_PHASE, waits_because="Install it.", oldest_queued_at=NOW - 9 * SLOW)
    assert texts(waits) == ["Validation: decoders wait. Install it."]


def test_what_a_phase_needs_leads_to_its_page() -> None:
    phase = replace(QUIET_PHASE, failed=1, closes_at=NOW, boards_open_at=None, url="/there/")
    assert {matter.url for matter in matters([phase], [], NOW)} == {"/there/"}


def test_failed_submissions() -> None:
    (text,) = texts(replace(QUIET_PHASE, failed=2))
    assert "2" in text and "failed" in text


def test_dates_that_are_near() -> None:
    assert "closes in" in texts(replace(QUIET_PHASE, closes_at=NOW + SOON - SECOND))[0]
    assert "opens in" in texts(replace(QUIET_PHASE, opens_at=NOW))[0]
    assert texts(replace(QUIET_PHASE, closes_at=NOW + SOON)) == []


def test_a_phase_that_is_over_without_a_date_for_its_boards() -> None:
    over = replace(QUIET_PHASE, closes_at=NOW, boards_open_at=None)
    assert any("no date" in text for text in texts(over))


def test_a_link_that_names_nobody_is_told_with_the_mend() -> None:
    link = Unfilled("prolific", "{{%PROLIFIC_PID%}}", 3)
    (text,) = texts(study=replace(QUIET_STUDY, unfilled=(link,)))
    assert text.startswith("Main: 3\N{NO-BREAK SPACE}visits by a link of prolific")
    assert "{{%PROLIFIC_PID%}}" in text and "Mend the study's address" in text


def test_studies_with_nothing_to_compare() -> None:
    assert "1\N{NO-BREAK SPACE}entry" in texts(study=replace(QUIET_STUDY, entries=1))[0]
    assert texts(study=replace(QUIET_STUDY, entries=1, is_open=False)) == []


def test_judgments_without_a_ranking() -> None:
    assert "no ranking" in texts(study=replace(QUIET_STUDY, is_ranked=False))[0]
    assert texts(study=replace(QUIET_STUDY, is_ranked=False, judgments=0)) == []


def test_simulated_raters_matter_on_public_boards_only() -> None:
    simulated = replace(QUIET_STUDY, simulated_raters=3)
    assert "simulated" in texts(study=simulated)[0]
    assert texts(study=replace(simulated, boards_open_at=NOW + SECOND)) == []
    assert texts(study=replace(simulated, boards_open_at=None)) == []


def test_urgent_matters_come_first() -> None:
    phase = replace(QUIET_PHASE, closes_at=NOW + SECOND, failed=1)
    study = replace(QUIET_STUDY, pairs_never_issued=1, entries=0)
    urgent = [matter.urgent for matter in matters([phase], [study], NOW)]
    assert urgent == [True, True, False, False]
