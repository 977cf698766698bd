"""Curves of a series: who is joined with whom, what is hidden, and what each saves."""

import json
import math
from datetime import timedelta

import pytest
from django.test import Client

from ratings.challenge.models import Series
from ratings.codecs.bjontegaard import Obstacle, RateCurve, bd_quality, bd_rate
from ratings.codecs.compressai_results import results_document
from ratings.comparisons.models import Study
from ratings.fidelity.models import Distortion
from ratings.jobs.submission_actions import withdraw
from ratings.psychometrics.report.figures import draw_curves
from ratings.ranking.boards.rate_deltas import SEPARATE_SCALES, rate_deltas, usual_anchor
from ratings.ranking.boards.rate_series import (
    MethodCurve,
    SeriesBoard,
    series_board,
    visible_phases,
)
from ratings.ranking.fits.refitting import refit
from ratings.ranking.tables.series_files import (
    PICTURE_COLUMNS,
    POINT_COLUMNS,
    SERIES_FIGURES,
    curve_results,
    in_json,
    picture_rows,
    point_rows,
    series_drawing,
    series_head,
)
from tests.builders import NOW, build_team
from tests.ranking.builders import build_scored_at, build_series, build_study_of, judge_all

pytestmark = pytest.mark.django_db
NOISE = {"fine": [30, 20, 10], "coarse": [34, 23, 12]}
LATER = NOW + timedelta(days=1)


def board_of(series: Series) -> SeriesBoard:
    return series_board(series, visible_phases(series, NOW, organizer=False), NOW)


def curves(series: Series) -> dict[str, MethodCurve]:
    return {curve.name: curve for curve in board_of(series).curves}


def test_a_team_s_entries_of_one_name_are_a_curve_by_rising_rate() -> None:
    series = build_series(NOISE, baselines={"coarse"})
    found = curves(series)
    assert list(found) == ["coarse", "fine"]
    fine = found["fine"]
    assert [point.phase for point in fine.points] == ["rate-0", "rate-1", "rate-2"]
    assert [point.bpp for point in fine.points] == [1.0, 2.0, 4.0]
    quality = list(fine.of("psnr_db").quality)
    assert quality == sorted(quality)
    assert (found["coarse"].kind, fine.kind, fine.team) == ("baseline", "competing", "Team fine")


def test_a_phase_whose_board_is_closed_adds_nothing() -> None:
    series = build_series(NOISE, boards_open_at=(NOW, LATER, None))
    found = curves(series)
    assert {point.phase for curve in found.values() for point in curve.points} == {"rate-0"}
    everything = series_board(series, visible_phases(series, NOW, organizer=True), NOW)
    assert {len(curve.points) for curve in everything.curves} == {3}
    series.challenge.draft = True
    series.challenge.save()
    assert visible_phases(series, NOW, organizer=False) == []


def test_names_that_two_teams_share_are_told_apart_and_never_joined() -> None:
    series = build_series(NOISE)
    other = build_team(series.challenge, name="Other")
    for number, phase in enumerate(series.phases.order_by("position")):
        build_scored_at(phase, other, "fine", 50 - number, 6)
    assert list(curves(series)) == ["coarse", "fine (Other)", "fine (Team fine)"]


def test_entries_of_other_names_are_one_curve_where_the_series_joins_teams() -> None:
    series = build_series({})
    team = build_team(series.challenge, name="XVC")
    for number, phase in enumerate(series.phases.order_by("position")):
        build_scored_at(phase, team, f"XVC q{min(number, 1)}", 30 - 10 * number, 6 << number)
    assert {name: len(curve.points) for name, curve in curves(series).items()} == {
        "XVC q0": 1,
        "XVC q1": 2,
    }
    series.curves = Series.Curves.TEAMS
    assert {name: len(curve.points) for name, curve in curves(series).items()} == {
        "XVC q0 / XVC q1": 3
    }


def test_what_left_the_competition_is_on_no_curve() -> None:
    series = build_series(NOISE)
    middle = series.phases.get(slug="rate-1").submissions.get(method="fine")
    withdraw(middle.pk, NOW)
    assert [point.phase for point in curves(series)["fine"].points] == ["rate-0", "rate-2"]


def test_deltas_are_those_of_the_curves_and_people_s_scales_are_separate() -> None:
    series = build_series(NOISE, baselines={"coarse"})
    board = board_of(series)
    anchor = usual_anchor(board)
    assert anchor is not None and anchor.name == "coarse"
    psnr, similarity, people = rate_deltas(board, anchor)
    pair = anchor.of("psnr_db"), curves(series)["fine"].of("psnr_db")
    assert (psnr.curve, psnr.metric) == ("fine", "psnr")
    rate, quality = bd_rate(*pair), bd_quality(*pair)
    assert (psnr.bd_rate_percent, psnr.bd_quality_db) == (rate.value, quality.value)
    assert rate.value < 0 < quality.value
    # The pictures are too small for MS-SSIM.
    assert similarity.bd_rate_percent is None
    assert similarity.bd_rate_refused == similarity.bd_quality_refused == Obstacle.NO_FIGURES
    assert (people.metric, people.bd_rate_refused) == ("human", SEPARATE_SCALES)
    assert "can't be compared" in people.bd_rate_why


REFERENCE = {
    "name": "VTM",
    "source": "Measured by others",
    "bpp": [2.0, 1.0, 4.0],
    "psnr": [24.0, 21.0, 28.0],
    "ms_ssim": [0.9, 0.8, 1.0],
}


def test_human_scores_stand_at_their_rates_with_their_intervals() -> None:
    series = build_series(NOISE)
    first, second, _ = series.phases.order_by("position")
    for phase in (first, second):
        judge_all(build_study_of(phase), raters=4, judgments=10, simulated=phase == second)
        assert refit(phase.studies.get(), NOW) is not None
    Study.objects.filter(phase=first).update(scale="elo")
    board = board_of(series)
    assert board.simulated == [second]
    points = {point.phase: point for point in board.curves[1].points}
    for phase in (first, second):
        score = phase.studies.get().rankings.get().scores.get(entry__label="fine")
        point = points[phase.slug]
        assert point.score == pytest.approx(score.score, abs=1e-4)
        assert (point.ci_low, point.ci_high) == (score.ci_low, score.ci_high)
        assert (point.study, point.scale) == (phase.studies.get().slug, "natural")
    assert (points["rate-2"].score, points["rate-2"].study) == (None, "")
    drawing = series_drawing(board, "human")
    assert not drawing.joined and "SIMULATED" in drawing.facts
    assert draw_curves(drawing, "svg").startswith(b"<?xml")


def test_references_are_named_as_such_and_compared_like_all_others() -> None:
    series = build_series(NOISE, references=[REFERENCE])
    board = board_of(series)
    reference = board.curves[-1]
    assert (reference.name, reference.kind) == ("VTM (reference)", "reference")
    assert [point.bpp for point in reference.points] == [1.0, 2.0, 4.0]
    assert [point.psnr_db for point in reference.points] == [21.0, 24.0, 28.0]
    assert reference.of("ms_ssim_db").quality[1:] == [pytest.approx(10.0), math.inf]
    row = rate_deltas(board, board.curves[0])[-3]
    expected = bd_rate(board.curves[0].of("psnr_db"), RateCurve([1, 2, 4], [21, 24, 28]))
    assert (row.curve, row.bd_rate_percent) == ("VTM (reference)", expected.value)


def test_of_one_data_set_there_are_no_references(client: Client) -> None:
    series = build_series(NOISE, references=[REFERENCE])
    dataset = series.challenge.datasets.get()
    board = series_board(series, visible_phases(series, NOW, organizer=False), NOW, dataset)
    assert [curve.name for curve in board.curves] == ["coarse", "fine"]
    path = f"/{series.challenge.slug}/series/rates/"
    both = client.get(f"{path}?anchor=VTM+(reference)").content.decode()
    assert "VTM (reference)" in both and "diamonds are references" in both
    one = client.get(f"{path}?dataset=P").content.decode()
    assert "VTM" not in one and "references are left out here" in one


def test_a_method_can_t_take_a_reference_s_name() -> None:
    series = build_series({"VTM (reference)": [30, 20, 10]}, references=[REFERENCE])
    assert [(curve.name, curve.kind) for curve in board_of(series).curves] == [
        ("VTM (reference)", "competing"),
        ("VTM (reference) (reference)", "reference"),
    ]


def test_rows_of_points_and_pictures() -> None:
    series = build_series(NOISE, references=[REFERENCE])
    Distortion.objects.update(ms_ssim=0.9)
    board = board_of(series)
    rows = point_rows(board)
    assert [column.name for column in POINT_COLUMNS] == list(rows[0])
    assert len(rows) == 9 and rows[0]["bytes"] == 12 and rows[0]["bpp"] == 1.0
    pictures = list(picture_rows(board))
    assert [column.name for column in PICTURE_COLUMNS] == list(pictures[0])
    assert len(pictures) == 2 * 3 * 2
    assert (pictures[0]["dataset"], pictures[0]["picture"]) == ("P", "a.png")
    whole = {**series_head(board), "results": in_json(point_rows(board))}
    document = json.loads(json.dumps(whole, allow_nan=False))
    assert (document["series"], document["phases"]) == ("rates", ["rate-0", "rate-1", "rate-2"])
    assert document["results"][-1]["ms_ssim_db"] == "inf"


def test_results_for_compressai_leave_out_what_its_form_can_t_hold() -> None:
    series = build_series(NOISE, references=[REFERENCE])
    board = board_of(series)
    fine = board.curves[1]
    written = results_document(curve_results(board, fine))
    assert written["name"] == "fine"
    assert written["results"] == {
        "bpp": [1.0, 2.0, 4.0],
        "psnr-rgb": [point.psnr_db for point in fine.points],
    }  # the pictures are too small for MS-SSIM
    one = curve_results(board, fine, "P/a.png")
    pictures = [row for row in picture_rows(board) if row["picture"] == "a.png"]
    assert one.psnr == [row["psnr_db"] for row in pictures if row["curve"] == "fine"]
    Distortion.objects.filter(decoded_image__submission__phase__slug="rate-1").update(
        squared_error=0
    )
    board = board_of(series)
    assert results_document(curve_results(board, board.curves[1]))["results"]["bpp"] == [1.0, 4.0]
    assert not curve_results(board, fine, "P/none.png").bpp


@pytest.mark.parametrize("name", SERIES_FIGURES)
@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_figures_are_drawn_alike_each_time(name: str, form: str) -> None:
    series = build_series(NOISE, references=[REFERENCE])
    drawing = series_drawing(board_of(series), name)
    if name == "human":
        with pytest.raises(ValueError, match="nothing to draw"):
            draw_curves(drawing, form)
        return
    drawn = draw_curves(drawing, form)
    assert drawn == draw_curves(drawing, form)
    assert drawn.startswith(b"<?xml" if form == "svg" else b"%PDF")
