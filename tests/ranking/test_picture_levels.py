"""Studies whose pictures have scenes and whose raters groups: clustered by these, everywhere."""

import json
from pathlib import Path

import pytest

from ratings.anonymity.leak_scan import LeakKind
from ratings.comparisons.models import Study
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.raters.privacy import erase_rater
from ratings.comparisons.raters.rater_groups import rater_groups, set_group
from ratings.psychometrics.files.judgments_csv import VARIANTS, read_judgments
from ratings.psychometrics.inference.fitting import fit, ranking_table
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.fits.variants import fit_variants
from ratings.ranking.frozen.frozen_rankings import board_of, freeze
from ratings.ranking.models import latest_ranking
from ratings.ranking.release.known_people import known_of_people, public_names
from ratings.ranking.tables.export import judgments_csv, ranking_document
from ratings.ranking.tables.tex import ranking_tex
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import build_two_datasets, group_raters, judge_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """A study of 2 + 3 pictures in 2 scenes, one of them of both data sets, and of 8 raters."""
    study = build_filled_study(methods=3, phase=build_two_datasets())
    datasets = {one.slug: one for one in study.phase.datasets.all()}
    for slug, scenes in {
        "P": [{"name": "lake", "pictures": ["P0.png"]}],
        "M": [{"name": "lake", "pictures": ["M0.png"]}, {"name": "M2.png", "pictures": ["M1*"]}],
    }.items():
        datasets[slug].scenes = scenes
        datasets[slug].save()
    judge_all(study, raters=8, judgments=12)
    group_raters(study, 3, 2)
    return study


def test_every_variant_of_the_export_gives_the_stored_ranking_to_the_last_digit(
    study: Study, tmp_path: Path
) -> None:
    assert refit(study, NOW)
    fit_variants(study, NOW)
    exported = tmp_path / "judgments.csv"
    exported.write_bytes(b"".join(judgments_csv(study)))
    for dataset in (None, *study.phase.datasets.all()):
        for variant in VARIANTS:
            stored = latest_ranking(study, dataset, variant)
            slug = dataset.slug if dataset else None
            tally = read_judgments(exported, slug, variant).tally()
            assert stored and tally.digest() == stored.input_sha256
            found = fit(tally)
            assert (found.rater_groups, found.scenes) == (stored.rater_groups, stored.scenes)
            board = human_board(study, dataset, variant=variant)
            for row, expected in zip(board.rows, ranking_table(found), strict=True):
                assert [getattr(row, name) for name in ("score", "se", "ci_low")] == [
                    expected[name] for name in ("score", "se", "ci_low")
                ]


def test_boards_and_files_say_what_it_is_clustered_by(study: Study) -> None:
    ranking = refit(study, NOW)
    assert ranking
    # M2.png alone has no scene, though one is called so; P1.png neither.
    assert (ranking.raters, ranking.rater_groups) == (8, 5)
    assert (ranking.pictures, ranking.scenes) == (5, 4)
    board = human_board(study)
    assert "8 raters from 5 groups, 5 pictures from 4 scenes" in ranking_tex(board)
    assert ranking_document(board)["scenes"] == 4
    frozen = freeze(ranking, NOW)
    assert json.loads(frozen.document)["rater_groups"] == 5
    assert (board_of(frozen).rater_groups, board_of(frozen).scenes) == (5, 4)


def test_without_levels_nothing_is_said_of_them() -> None:
    study = build_filled_study(methods=3, pictures=2)
    judge_all(study, raters=3, judgments=6)
    assert refit(study, NOW)
    assert {"rater_groups", "scenes"} & ranking_document(human_board(study)).keys() == set()


def test_a_link_s_group_changes_and_the_study_is_ranked_anew(study: Study) -> None:
    before = refit(study, NOW)
    link = study.invitations.get(group="lab 2")
    set_group(link, " lab 1 ")
    after = refit(Study.objects.get(pk=study.pk), NOW)
    assert before and after and (before.rater_groups, after.rater_groups) == (5, 4)
    assert before.input_sha256 != after.input_sha256
    changes = Study.objects.get(pk=study.pk).changes
    link.refresh_from_db()
    set_group(link, "lab 1")  # as it is
    assert Study.objects.get(pk=study.pk).changes == changes


def test_an_erased_rater_keeps_the_group_and_every_digit_stays(study: Study) -> None:
    before = study_tally(study)
    member = study.invitations.get(group="lab 1").raters.order_by("pk")[0]
    erase_rater(member)
    member.refresh_from_db()
    assert (member.invitation, member.group) == (None, "lab 1")
    assert study_tally(study) == before
    assert rater_groups(study)[member.pk] == "lab 1"
    # Also where no link is called so any more: a release is searched for it.
    study.invitations.all().update(group="")
    assert "lab 1" in known_of_people(study)[LeakKind.LINK]


def test_a_platform_s_raters_have_its_group(study: Study) -> None:
    protocol = study.protocol.as_json()
    protocol["recruiting"]["platforms"] = [{"slug": "prolific", "group": "paid"}]
    assert Protocol.from_json(protocol).recruiting.platforms[0].group == "paid"
    Study.objects.filter(pk=study.pk).update(protocol_json=protocol)
    study = Study.objects.get(pk=study.pk)
    sent = list(study.raters.filter(invitation=None).order_by("pk"))
    for number, rater in enumerate(sent[:2]):
        study.recruits.create(rater=rater, platform="prolific", participant=f"P{number}")
    found = rater_groups(study)
    assert [found.get(rater.pk) for rater in sent] == ["paid", "paid", None]
    assert study_tally(study).rater_groups == 4
    assert "paid" in known_of_people(study)[LeakKind.LINK]


def test_names_of_scenes_are_for_all_and_no_leak(study: Study) -> None:
    assert {"lake", "M2.png"} <= public_names(study)
