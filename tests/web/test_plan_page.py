"""The page that plans a study: begins with the study's own, answers at once, and saves nothing."""

import json
from dataclasses import astuple, replace

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from ratings.comparisons.models import Stage, Study
from ratings.comparisons.protocol import Checks, Recruiting
from ratings.comparisons.study.planning import (
    MOST_METHODS,
    MOST_PICTURES,
    MOST_RATERS,
    Assumptions,
    assumed,
    planned,
    read_assumptions,
)
from ratings.comparisons.study.stages import go_over
from ratings.psychometrics.design.expectation import expectations, mean_expectations
from ratings.psychometrics.design.pilot import Pilot
from ratings.psychometrics.design.simulation import RaterModel
from ratings.ranking.evidence.study_pilot import study_pilot
from ratings.web.desk.study.plan_charts import curve
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import PLAIN, build_filled_study, build_study
from tests.ranking.builders import judge_all
from tests.web.pages import markup, page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    protocol = replace(
        PLAIN, recruiting=Recruiting(most_raters=50), checks=Checks(golden=0.1, repeats=0.1)
    )
    return build_filled_study(
        methods=3, pictures=2, protocol=protocol, trials_per_rater=60, ties_allowed=True
    )


def path(study: Study, query: str = "") -> str:
    return f"/desk/studies/{study.slug}/plan/{query}"


def test_it_begins_with_what_the_study_says(study: Study) -> None:
    begun = assumed(study)
    assert (begun.methods, begun.pictures, begun.raters, begun.trials) == (3, 2, 50, 48)
    assert begun.ties == 0.1 and assumed(build_study()).methods == 8


def test_it_answers_with_curves_a_table_and_the_command(client: Client, study: Study) -> None:
    html = page(client, path(study))
    assert "all that 50 raters give" in html and 'class="chart curve"' in html
    assert "plan_study --methods 3 --pictures 2 --raters 50 --trials 48 --visits 1" in html
    assert "Back to the study" not in html
    tried = page(client, path(study, "?methods=12&spread=0,5&raters="))
    assert "of 11 pairs of neighbours" in tried and "Else 3." in tried
    assert f'href="{path(study)}"' in page(client, f"/desk/studies/{study.slug}/")


@pytest.mark.parametrize(
    "query", ["?methods=1", "?methods=999", "?raters=1.5", "?careless=1", "?level=0", "?taste=x"]
)
def test_what_can_not_be_assumed_is_named(client: Client, study: Study, query: str) -> None:
    response = client.get(path(study, query))
    assert response.status_code == 422
    assert markup(response).count('aria-invalid="true"') == 1


@pytest.mark.parametrize(
    "largest",
    [
        Assumptions(MOST_METHODS, MOST_PICTURES, MOST_RATERS, 10_000, 100, 10, 10, 10, 0.99, 0.99),
        Assumptions(2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0.01),
        Assumptions(MOST_METHODS, 2, 2, spread=10, careless=0),
    ],
)
def test_the_limits_of_what_is_assumed_can_be_worked_out(largest: Assumptions) -> None:
    outcome = planned(largest)
    assert all(0 < point.half_width < 1e3 for point in outcome.points)
    assert curve([(point.judgments, point.apart) for point in outcome.points], "x") is not None


def test_wrong_assumptions_leave_the_study_s(study: Study) -> None:
    read, problems = read_assumptions(study, {"methods": "x", "raters": "9", "unknown": "1"})
    assert read == assumed(study) and list(problems) == ["methods"]


def piloted(raters: int = 12, judgments: int = 12) -> Study:
    study = build_filled_study(
        methods=4, pictures=3, pilot={"raters": None}, stage=Stage.PILOT, trials_per_rater=18
    )
    judge_all(study, raters=raters, judgments=judgments)
    return study


def test_after_a_pilot_it_plans_from_what_the_pilot_tells(client: Client) -> None:
    study = piloted()
    found = study_pilot(study)
    assert found is not None and found.tells is not None
    assert (found.judgments, found.raters) == (144, 12)
    begun = assumed(study, found.tells)
    model = found.tells.rater_model
    assert begun.methods == 4 and begun.careless == 0
    assert begun.taste == pytest.approx(model.taste_sd, rel=0.01)
    html = " ".join(page(client, path(study)).split())
    assert "144 judgments by 12 raters: how far apart" in html
    assert 'name="taste"' in html and 'name="spread"' not in html
    assert f"--study {study.slug}" in html and "--spaced" not in html
    guessed = " ".join(page(client, path(study, "?pilot=no")).split())
    assert "Plan from its 144 judgments" in guessed and 'name="spread"' in guessed
    assert "--spaced" in guessed and "--study" not in guessed
    tried = page(client, path(study, "?raters=44"))
    assert "all that 44 raters give" in " ".join(tried.split()) and "From the pilot" in tried


def test_a_pilot_that_tells_too_little_says_so_and_is_not_planned_from(client: Client) -> None:
    html = " ".join(page(client, path(piloted(raters=1, judgments=3))).split())
    assert "be planned from yet" in html and 'name="spread"' in html


def test_the_main_stages_answers_are_not_taken_for_the_pilots() -> None:
    study = piloted()
    go_over(study, "ann", NOW)
    before = study_pilot(study)
    study.refresh_from_db()
    judge_all(study, raters=2, judgments=12, seed=3)
    after = study_pilot(study)
    assert before and after and before.judgments == after.judgments == 144
    assert study_pilot(build_study()) is None


def test_a_plan_after_a_pilot_is_the_mean_over_its_doubt() -> None:
    """Without doubt it is the plan at its strengths; each draw's own plan is one that is known."""
    known = Pilot(
        ("a", "b", "c"), np.array([0.0, 1.0, 2.5]), np.zeros((3, 3)), RaterModel(0.5, 0.4), 0.0
    )
    plan = Assumptions(taste=0.5, picture=0.4).plan(known)
    certain = replace(plan, covariance=None)
    for mean, one in zip(mean_expectations(plan), expectations(certain), strict=True):
        assert astuple(mean) == pytest.approx(astuple(one))
    doubtful = replace(known, covariance=np.eye(3))
    points = planned(Assumptions(taste=0.5, picture=0.4), doubtful).points
    drawn = np.random.default_rng(1).multivariate_normal(known.strengths, np.eye(3), 32)
    ends = [
        list(expectations(replace(certain, strengths=tuple(one.tolist()))))[-1] for one in drawn
    ]
    assert points[-1].apart == pytest.approx(np.mean([end.apart for end in ends]))
    assert points[-1].judgments == ends[0].judgments


def test_plan_study_reads_a_studys_pilot(capsys: pytest.CaptureFixture[str]) -> None:
    study = piloted()
    options = ["--runs", "2", "--raters", "4", "--trials", "10", "--visits", "1", "--json"]
    call_command("plan_study", "--study", study.slug, *options)
    plan = json.loads(capsys.readouterr().out)["plan"]
    found = study_pilot(study)
    assert found and found.tells and plan["strengths"] == found.tells.strengths.tolist()
    assert plan["habits"]["taste_sd"] == found.tells.rater_model.taste_sd
    for slug, problem in [
        (build_study().slug, "has no answers of a pilot"),
        ("nowhere", "There is no study"),
        (piloted(raters=1, judgments=3).slug, "can't be planned from"),
    ]:
        with pytest.raises(CommandError, match=problem):
            call_command("plan_study", "--study", slug)
    with pytest.raises(CommandError, match="--study tells the methods"):
        call_command("plan_study", "--study", study.slug, "--methods", "4")
