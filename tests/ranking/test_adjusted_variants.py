"""Rankings from which something is taken out: as the study asks, and as its export gives them."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.models import Judgment, Study
from ratings.comparisons.raters.rater_groups import set_group
from ratings.comparisons.study.picture_strata import Strata
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.bundles.bundle import rank_command, study_boards
from ratings.ranking.fits.adjusted_variants import taken_out, variants_of
from ratings.ranking.fits.refitting import refit
from ratings.ranking.fits.variants import EVERY, refit_variants
from ratings.ranking.models import Ranking, latest_ranking
from ratings.ranking.tables.export import judgments_csv, ranking_document
from ratings.submissions.models import Bitstream
from tests.builders import NOW, build_bitstream
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import build_two_datasets, group_raters, judge_all

pytestmark = pytest.mark.django_db
Variant = Ranking.Variant
ASKED = ["rate", "position", "device", "strata"]
STRATA = [{"name": "first", "pictures": ["P/P0*", "M/M0*"]}]


def build_spent(adjust: list[str], strata: Strata = ()) -> Study:
    """Save a judged study of two data sets whose methods spent bytes of their own."""
    study = build_filled_study(phase=build_two_datasets(), adjust=adjust, strata=list(strata))
    rng = np.random.default_rng(3)
    for entry in study.entries.order_by("pk"):
        for original in study.phase.originals():
            content = rng.bytes(int(rng.integers(100, 900)))
            build_bitstream(entry.submission, original, content)
    judge_all(study, raters=6, judgments=10)
    phones = set(study.raters.order_by("pk").values_list("pk", flat=True)[:3])
    for number, judgment in enumerate(Judgment.objects.order_by("pk").select_related("trial")):
        small = judgment.trial.rater_id in phones
        wide = {"screen_width": 390 if small else 1920, "screen_height": 844}
        facts = {"layout": "flip", "arrangement": ["beside", "single"][number % 2], "flips": 3}
        Judgment.objects.filter(pk=judgment.pk).update(display=facts | wide)
    refit(study, NOW)
    refit_variants(study, NOW)
    return study


def fitted(study: Study, variant: str) -> Ranking:
    ranking = latest_ranking(study, None, variant)
    assert ranking is not None
    return ranking


def test_every_ranking_is_what_rank_makes_of_the_export(tmp_path: Path) -> None:
    """By scenes, groups, strata and data sets, with ties of Davidson's: each variant's command."""
    study = build_spent(ASKED, STRATA)
    scenes = {
        "P": [{"name": "none", "pictures": ["P0*"]}],
        "M": [{"name": "=M", "pictures": ["M*"]}],
    }
    for dataset in study.phase.datasets.all():
        dataset.scenes = scenes[dataset.slug]
        dataset.save()
    for link, name in zip(group_raters(study, 2, 2), ("-", "N/A"), strict=True):
        set_group(link, name)
    some = Judgment.objects.order_by("pk").values_list("pk", flat=True)[::5]
    Judgment.objects.filter(pk__in=list(some)).update(choice="tie")
    Study.objects.filter(pk=study.pk).update(tie_model="davidson")
    study = Study.objects.get(pk=study.pk)
    rebuild_counts(study, repair=True)
    refit(study, NOW)
    assert refit_variants(study, NOW)
    exported = tmp_path / "judgments.csv"
    exported.write_bytes(b"".join(judgments_csv(study)))
    boards = study_boards(study)
    assert len(boards) == 6 * 3
    for board in boards:
        out = StringIO()
        call_command("rank", *rank_command(board, str(exported)).split()[3:], stdout=out)
        answer, document = json.loads(out.getvalue()), ranking_document(board)
        rows = zip(answer.pop("results"), document.pop("results"), strict=True)
        assert all(row.items() <= whole.items() for row, whole in rows)
        beside = {"settings", "scale", "excluded", "checks", "notes", "effects", "adjusted"}
        counted = answer.keys() - beside
        told = {"rater_groups": None, "scenes": None} | document
        assert {name: answer[name] for name in counted} == {name: told[name] for name in counted}
        assert answer["adjusted"] == document.get("adjusted", [])
        assert answer["effects"] == document.get("effects", [])
    assert boards[0].rater_groups == 4 and boards[0].scenes == 3
    assert fitted(study, Variant.ADJUSTED).adjustment["adjusted"] == ASKED[:3]


def test_a_study_has_the_variants_that_its_file_names() -> None:
    study = build_spent(["position"])
    assert taken_out(study) == {"adjust": ("position",)}
    assert variants_of(study) == ["used", "careful", "entered", "all", "adjust"]
    adjusted = fitted(study, Variant.ADJUSTED)
    assert adjusted.beside == latest_ranking(study)
    rest = "as far as the judgments tell it from the methods."
    assert adjusted.notes[0] == f"Adjusted for position, {rest}"
    assert adjusted.notes[1].startswith("Taken out: position: ")
    assert not refit_variants(study, NOW + EVERY)
    assert [variant.variant for variant in human_board(study).variants][-1] == "adjust"
    Study.objects.filter(pk=study.pk).update(adjust=["position", "rate"])
    assert refit_variants(study, NOW)
    study.refresh_from_db()
    reworded = fitted(study, Variant.ADJUSTED).notes[0]
    assert reworded == f"Adjusted for rate, position, {rest}"
    assert fitted(study, Variant.ADJUSTED).notes[1] == "Scores are at equal rate."
    Study.objects.filter(pk=study.pk).update(adjust=[])
    study.refresh_from_db()
    assert "adjust" not in [variant.variant for variant in human_board(study).variants]
    assert not refit_variants(study, NOW)


def test_what_can_not_be_taken_out_is_said() -> None:
    study = build_spent(["rate", "layout", "device"])
    Bitstream.objects.filter(submission=study.entries.order_by("pk")[0].submission_id).delete()
    Judgment.objects.update(display={"layout": "flip"})
    Study.objects.filter(pk=study.pk).update(adjust=["rate", "position", "layout", "device"])
    assert refit_variants(study, NOW)
    adjusted = fitted(study, Variant.ADJUSTED)
    assert adjusted.adjustment["adjusted"] == ["position"]
    refused = [note for note in adjusted.notes if note.startswith("Not adjusted for")]
    assert [note.split(": ")[0] for note in refused] == [
        f"Not adjusted for {name}" for name in ("rate", "layout", "device")
    ]
    Study.objects.filter(pk=study.pk).update(adjust=["position"])
    assert refit_variants(study, NOW)
    same = fitted(study, Variant.ADJUSTED)
    assert same.pk == adjusted.pk and "Not adjusted" not in " ".join(same.notes)
    Study.objects.filter(pk=study.pk).update(adjust=["layout"])
    assert refit_variants(study, NOW)
    plain, published = fitted(study, Variant.ADJUSTED), latest_ranking(study)
    assert published and plain.input_sha256 == published.input_sha256
    assert plain.adjustment == {"adjusted": [], "effects": []}
    Study.objects.filter(pk=study.pk).update(adjust=["position"])  # of the same counts
    assert refit_variants(study, NOW)
    assert fitted(study, Variant.ADJUSTED).adjustment["adjusted"] == ["position"]


def test_a_study_of_davidson_says_how_ties_count() -> None:
    study = build_spent(["position"])
    Study.objects.filter(pk=study.pk).update(tie_model="davidson")
    study.refresh_from_db()
    refit(study, NOW)
    assert refit_variants(study, NOW)
    adjusted = fitted(study, Variant.ADJUSTED)
    assert adjusted.notes[0].endswith(". Ties count as half wins in it.")
    assert adjusted.settings["ties"] == "half"
