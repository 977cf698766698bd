"""Studies that compare rates: what enters them, how it is called, and what stays closed."""

from datetime import timedelta

import pytest
from django.test import Client

from ratings.challenge.models import Phase, Series
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Entry, Pair, Study
from ratings.comparisons.participation import of_phase, phases_of
from ratings.comparisons.study.definition_history import whole_toml
from ratings.comparisons.study.entries import settle
from ratings.comparisons.study.presentation import identities_open
from ratings.comparisons.study.study_tables import load_studies
from ratings.comparisons.study.whole_definition import load_whole
from ratings.fidelity.psnr_board import board_submissions
from ratings.jobs.submission_actions import disqualify
from ratings.ranking.boards.human_board import board_studies, human_board
from ratings.ranking.boards.rate_deltas import rate_deltas
from ratings.ranking.boards.rate_series import SeriesBoard, series_board, visible_phases
from ratings.ranking.fits.refitting import refit
from ratings.ranking.models import Score
from ratings.ranking.tables.series_files import series_drawing
from tests.api.conftest import bearer
from tests.builders import NOW, build_phase, build_token
from tests.comparisons.builders import build_study
from tests.ranking.builders import build_rate_study, build_series, judge_all
from tests.remembered import remembered

pytestmark = pytest.mark.django_db
NOISE = {"fine": [30, 20, 10], "coarse": [34, 23, 12]}
LATER = NOW + timedelta(days=365 * 40)
TABLE = {
    "phase": "rate-1",
    "series": "rates",
    "slug": "across",
    "name": "Across the rates",
    "consent": "You take part of your own free will.",
    "crop_size": [4, 4],
}


@pytest.fixture
def series() -> Series:
    return build_series(NOISE)


@remembered
def judged(series: Series) -> Study:
    study = build_rate_study(series)
    judge_all(study, raters=12, judgments=40, simulated=True)
    assert refit(study, NOW) is not None
    return study


def board_of(series: Series) -> SeriesBoard:
    return series_board(series, visible_phases(series, NOW, organizer=False), NOW)


def test_entries_of_all_rates_meet_each_under_its_rate(series: Series) -> None:
    study = build_rate_study(series)
    labels = set(study.entries.filter(active=True).values_list("label", flat=True))
    assert labels == {f"{name}, Rate {rate}" for name in NOISE for rate in range(3)}
    assert Pair.objects.filter(study=study).count() == 15
    assert [phase.slug for phase in phases_of(study)] == ["rate-0", "rate-1", "rate-2"]
    for phase in series.phases.all():
        assert list(Study.objects.filter(of_phase(phase))) == [study]
    other = build_phase(series.challenge)
    assert not Study.objects.filter(of_phase(other)).exists()


def test_what_leaves_the_competition_at_any_rate_leaves_the_study(series: Series) -> None:
    study = judged(series)
    gone = series.phases.get(slug="rate-0").submissions.get(method="fine")
    disqualify(gone.pk, NOW, note="Copied", by="ann")
    assert not Entry.objects.get(study=study, submission=gone).active
    board = human_board(Study.objects.get(pk=study.pk))
    assert [one.phase for one in board.left] == ["rate-0"]
    assert "fine, Rate 0" not in {row.method for row in board.rows}
    assert {row.phase for row in board.rows} == {"rate-0", "rate-1", "rate-2"}


def test_what_is_scored_later_at_another_rate_comes_in(series: Series) -> None:
    study = build_rate_study(series)
    first = series.phases.get(slug="rate-0").submissions.get(method="fine")
    first.state = "failed"
    first.save()
    settle(study, board_submissions)
    assert study.entries.filter(active=True).count() == 5
    first.state = "scored"
    first.save()
    settle(study, board_submissions)
    assert study.entries.filter(active=True).count() == 6


def test_no_single_board_shows_it_and_nobody_sees_it_before_all_are_open(
    client: Client, series: Series
) -> None:
    study = judged(series)
    for phase in series.phases.all():
        assert not board_studies(phase).exists()
    path = f"/api/v1/studies/{study.slug}/ranking/"
    assert client.get(path).status_code == 200
    home = f"/api/v1/boards/{series.challenge.slug}/{study.phase.slug}/human/?study={study.slug}"
    assert client.get(home).status_code == 404
    Phase.objects.filter(slug="rate-2").update(boards_open_at=LATER)
    assert client.get(path).status_code == 404
    assert bearer(build_token()).get(path).status_code == 200
    assert board_of(series).human is None
    page = client.get(f"/{series.challenge.slug}/series/rates/").content.decode()
    assert 'id="human"' not in page


def test_while_it_takes_judgments_no_phase_tells_who_made_what(series: Series) -> None:
    series.phases.update(originals_open_at=NOW)
    phase = series.phases.get(slug="rate-0")
    assert identities_open(phase, NOW)
    study = build_rate_study(series)
    assert not any(identities_open(one, NOW) for one in series.phases.all())
    Study.objects.filter(pk=study.pk).update(is_open=False)
    assert identities_open(phase, NOW)


def test_on_one_scale_curves_are_joined_and_savings_have_intervals(series: Series) -> None:
    for phase in series.phases.all():
        build_study(phase)  # its own; the one across the rates comes first
    study = judged(series)
    board = board_of(series)
    assert board.human is not None and board.human.study == study
    assert {point.study for curve in board.curves for point in curve.points} == {study.slug}
    assert len(board.simulated) == 3
    assert series_drawing(board, "human").joined
    (row,) = [one for one in rate_deltas(board, board.curves[0]) if one.metric == "human"]
    assert (row.curve, row.interpolation) == ("fine", "linear")
    assert row.bd_rate_percent is not None and not row.bd_rate_refused
    assert row.bd_quality_db is None and not row.bd_quality_refused


def test_where_a_phase_is_hidden_deltas_say_what_they_wait_for(series: Series) -> None:
    study = build_rate_study(series)
    assert human_delta(series) == ("no-figures", "The study of the series has no scores yet.")
    judge_all(study, raters=12, judgments=40)
    refit(study, NOW)
    assert human_delta(series) == ("", "")
    last = Phase.objects.filter(slug="rate-2")
    for hidden in ({"boards_frozen_from": NOW}, {"boards_open_at": LATER}):
        last.update(**hidden)
        code, why = human_delta(series)
        assert code == "waits" and why.endswith("boards show: Rate 2.")
        last.update(boards_frozen_from=None, boards_open_at=NOW)
    Study.objects.filter(pk=study.pk).update(series=None)
    assert human_delta(series)[0] == "separate-scales"


def human_delta(series: Series) -> tuple[str, str]:
    """Return why there is no saving at equal human score, as code and words."""
    board = board_of(series)
    (row,) = [one for one in rate_deltas(board, board.curves[0]) if one.metric == "human"]
    return row.bd_rate_refused, row.bd_rate_why


def test_a_curve_that_falls_has_no_saving_and_not_for_want_of_overlap(series: Series) -> None:
    judged(series)
    assert human_delta(series) == ("", "")
    first, last = (Score.objects.get(entry__label=f"coarse, Rate {rate}") for rate in (0, 2))
    Score.objects.filter(pk=first.pk).update(score=last.score)
    Score.objects.filter(pk=last.pk).update(score=first.score)
    code, why = human_delta(series)
    assert code == "not-monotone" and "anchor's human scores do not rise" in why


def test_the_key_is_checked_kept_and_fixed(series: Series) -> None:
    (study,) = load_studies(series.challenge, [TABLE])
    assert study.series == series
    assert 'series = "rates"' in whole_toml(series.challenge)
    for change, words in (
        ({"series": "none"}, r"no \[\[series\]\] 'none'"),
        ({"phase": build_phase(series.challenge, slug="other").slug}, "has no phase 'other'"),
    ):
        with pytest.raises(Refused, match=words):
            load_studies(series.challenge, [TABLE | change])
    build_rate_study(series, slug="entered")
    entered = TABLE | {"slug": "entered", "series": ""}
    with pytest.raises(Refused, match="its series is fixed"):
        load_studies(series.challenge, [entered])


def test_a_series_that_a_study_compares_stays(series: Series) -> None:
    series.challenge.summary = "Three rates."
    series.challenge.save()
    load_studies(series.challenge, [TABLE])
    text = whole_toml(series.challenge)
    load_whole(text, None)
    assert Study.objects.get(slug="across").series == series
    dropped = text[: text.index("[[series]]")] + text[text.index("[[study]]") :]
    with pytest.raises(Refused):
        load_whole(dropped, None)
    assert Series.objects.filter(pk=series.pk).exists()
