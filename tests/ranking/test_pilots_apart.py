"""A pilot's answers change nothing that is published: all is as if its raters had never come.

Random acts of both stages are done; then the pilot's raters are deleted with all that hangs on
them, and everything is worked out again from nothing.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ratings.challenge.refusals import Refused
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, judge, undo
from ratings.comparisons.judgments.screening import decide, screen
from ratings.comparisons.judgments.screening_outlook import screened_so_far, screening_outlook
from ratings.comparisons.models import Judgment, Pair, PairCount, Rater, Stage, Study, Trial
from ratings.comparisons.protocol import After, Checks, Protocol, Screening, Training
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.study.stages import go_back, go_over
from ratings.comparisons.study.study_tables import dump_study, load_studies
from ratings.comparisons.trials.scheduling import issue
from ratings.metrics.judged_units import answers_to, asked_units
from ratings.psychometrics.design.pilot import pilot
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.ranking.bundles.bundle import study_boards
from ratings.ranking.evidence.judgment_rows import judgment_rows
from ratings.ranking.evidence.rater_evidence import rater_facts, study_raters
from ratings.ranking.evidence.study_pilot import study_pilot
from ratings.ranking.fits.early_closing import stop_if_met
from ratings.ranking.fits.refitting import refit
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.fits.variants import fit_variants
from ratings.ranking.models import Ranking
from ratings.ranking.news import has_news
from ratings.ranking.release.anonymous_judgments import anonymous_judgments, rater_cells
from ratings.ranking.release.release_conditions import hindrances
from ratings.ranking.tables.export import judgments_csv, ranking_document
from ratings.web.desk.home.study_progress import (
    judgments_per_hour,
    progress_of_study,
    shares_of_raters,
)
from ratings.web.desk.study.coverage import coverage
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db
PILOT, MAIN = Stage.PILOT, Stage.MAIN
HOW = Protocol(
    training=Training(trials=2),
    checks=Checks(golden=0.2, repeats=0.2, repeat_gap=2, identical=0.1),
    screening=Screening(least_checks=2, quality=0.9, after=After.GO_ON),
)


class TwoStages:
    """Random acts on a study, raters of both stages at once; main answers are asked for by hand."""

    def __init__(self, seed: int) -> None:
        self.study = build_filled_study(
            methods=4,
            pictures=3,
            trials_per_rater=20,
            ties_allowed=True,
            protocol_json=HOW.as_json(),
            pilot={"raters": None},
            stage=PILOT,
            adjust=["fatigue", "position"],
            pairing="swiss",
        )
        self.rng = np.random.default_rng(seed)
        self.at = NOW
        self.raters: list[Rater] = []
        self.begin()

    def act(self) -> None:
        acts: list[Callable[[], object]] = [
            *(self.answer, self.undo, self.decide, self.screen),
            *(self.begin, self.change_stage),
        ]
        self.at += timedelta(seconds=1)
        acts[int(self.rng.choice(len(acts), p=[0.72, 0.08, 0.06, 0.02, 0.06, 0.06]))]()

    def begin(self) -> None:
        simulated = bool(self.rng.random() < 0.2)
        rater = rater_keys.begin_session(self.study, self.at, simulated=simulated)
        self.study.refresh_from_db()
        assert rater.stage == self.study.stage
        rater.visits.create(number=1, begun_at=self.at, browser="A browser", facts={})
        self.raters.append(rater)

    def one(self) -> Rater:
        rater = self.raters[int(self.rng.integers(len(self.raters)))]
        rater.refresh_from_db()
        return rater

    def answer(self, rater: Rater | None = None) -> None:
        rater = rater or self.one()
        for trial in issue(rater, 2, self.at, self.rng)[:1]:
            choice = self.rng.choice(["left", "right", "left", "right", "tie"])
            ms = 900 if self.rng.random() < 0.1 else 4000
            facts = {"flips": int(self.rng.integers(4)), "visit": 1}
            attempt = Judgment.objects.filter(trial=trial).count() + 1
            judge(trial.pk, [rater.pk], Answer(str(choice), ms, facts, attempt), self.at)

    def undo(self) -> None:
        rater = self.one()
        last = Judgment.objects.filter(trial__rater=rater, undone_at=None).order_by("-pk").first()
        if last and last.trial.kind != Trial.Kind.TRAINING:
            undo(last.trial_id, [rater.pk], last.attempt, self.at)

    def decide(self) -> None:
        state = self.rng.choice(["used", "used", "not_used", "rejected"])
        decide(self.one(), str(state), "By lot.", now=self.at)

    def screen(self) -> None:
        screen(self.study, self.at)

    def change_stage(self) -> None:
        """Go to the other stage; there is no way back once somebody has answered."""
        answered = Judgment.objects.filter(trial__rater__stage=MAIN).exists()
        self.study.refresh_from_db()
        if self.study.stage == PILOT:
            go_over(self.study, "ann", self.at)
        elif not answered:
            go_back(self.study, "ann", self.at)
        else:
            with pytest.raises(Refused):
                go_back(self.study, "ann", self.at)
        self.study.refresh_from_db()


def published(study: Study) -> dict[str, Any]:
    """Return all that is told of a study but its definition, worked out anew."""
    Ranking.objects.all().delete()
    refit(study, NOW)
    fit_variants(study, NOW)
    raters, cells = study_raters(study), rater_cells(study)
    outlook = screening_outlook(study, HOW.screening)
    return {
        "tally": study_tally(study),
        "boards": [ranking_document(board) for board in study_boards(study)],
        "csv": b"".join(judgments_csv(study)),
        "rows": list(judgment_rows(study)),
        "raters": [(rater.pk, rater_facts(rater)) for rater in raters.raters],
        "report": str(asdict(replace(raters.report, raters=()))),
        "cells": cells,
        "released": anonymous_judgments(study, "5ec2e7", cells),
        "hindrances": hindrances(study, NOW),
        "metrics": str(answers_to(asked_units(study))),
        "progress": progress_of_study(study),
        "shares": shares_of_raters(study),
        "hours": judgments_per_hour(study, NOW + timedelta(hours=1)),
        "coverage": coverage(study),
        "screened": screened_so_far(study),
        "screening": replace(outlook, response_ms=tuple(sorted(outlook.response_ms))),
        "stops": stop_if_met(study, NOW),
        "issued": list(PairCount.objects.order_by("pk").values_list("issued", flat=True)),
    }


@pytest.mark.parametrize("seed", range(2))
def test_a_pilot_changes_no_figure(seed: int) -> None:
    stages = TwoStages(seed)
    study = stages.study
    for _ in range(70):
        stages.act()
    if study.stage == PILOT:
        stages.change_stage()
    for _ in range(3):
        stages.begin()
    for _ in range(12):  # of both stages, whatever chance does
        for rater in (stages.raters[0], stages.raters[-1]):
            stages.answer(Rater.objects.get(pk=rater.pk))
    for _ in range(110):
        stages.act()
    for stage in Stage:
        assert Judgment.objects.filter(trial__rater__stage=stage).count() >= 12
    assert rebuild_counts(study, repair=False) == []
    of_main = Trial.objects.filter(rater__stage=MAIN, kind=Trial.Kind.COMPARISON)
    for pair in Pair.objects.all():
        mine = of_main.filter(pair=pair)
        assert pair.issued == mine.count()
        assert pair.issued_first_left == mine.filter(first_left=True).count()
    with_pilot = published(study)
    Rater.objects.filter(stage=PILOT).delete()
    without = published(study)
    for name, told in with_pilot.items():
        assert told == without[name], name


def test_a_pilot_asks_for_no_refit_and_tells_no_definition() -> None:
    study = TwoStages(1).study
    rater = study.raters.get()
    table = dump_study(study)

    def answer(rater: Rater) -> None:
        rater.refresh_from_db()
        (trial,) = issue(rater, 1, NOW, np.random.default_rng(1))
        judge(trial.pk, [rater.pk], Answer("left", 4000, {"flips": 3}), NOW)

    answer(rater)
    assert not has_news(study, None) and refit(study, NOW) is None
    (study,) = load_studies(study.phase.challenge, [table | {"name": "As it went over"}])
    go_over(study, "ann", NOW)
    main = rater_keys.begin_session(study, NOW)
    for _ in range(8):
        answer(main)
    made = refit(study, NOW)
    assert made is not None and has_news(study, None)
    answer(rater)
    study.refresh_from_db()
    assert not has_news(study, made)
    (digest,) = ranking_document(study_boards(study)[0])["study_sha256"]
    assert study.versions.count() == 2 and digest


def test_a_pilots_judgments_are_a_file_of_their_own() -> None:
    stages = TwoStages(2)
    for _ in range(40):
        stages.answer()
    study = stages.study
    rows = list(judgment_rows(study, PILOT))
    assert len(rows) == Judgment.objects.count() and list(judgment_rows(study)) == []
    stands = [row for row in rows if row["kind"] == "comparison" and not row["excluded"]]
    assert stands and {row["rater"] for row in rows} == {stages.raters[0].pk.hex}
    assert b"".join(judgments_csv(study, PILOT)).count(b"\r\n") == len(rows) + 1


def test_a_plan_is_the_same_from_the_pilots_file(tmp_path: Path) -> None:
    """The export, read as `plan_study --pilot` reads it, is the other way to the same pilot."""
    study = build_filled_study(
        methods=4, pictures=3, pilot={"raters": None}, stage=PILOT, trials_per_rater=18
    )
    judge_all(study, raters=12, judgments=12)
    file = tmp_path / "pilot.csv"
    file.write_bytes(b"".join(judgments_csv(study, PILOT)))
    told, found = pilot(read_judgments(file).arrays()), study_pilot(study)
    assert found and found.tells and found.tells.methods == told.methods
    assert found.tells.strengths == pytest.approx(told.strengths)
    assert found.tells.covariance == pytest.approx(told.covariance)
    assert asdict(found.tells.rater_model) == pytest.approx(asdict(told.rater_model))
