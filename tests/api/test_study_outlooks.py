"""Looking ahead of a study by the API: the same figures as the desk's pages, for organizers."""

from dataclasses import replace

import pytest
from django.test import Client

from ratings.comparisons.models import Decision, Stage, Study
from ratings.comparisons.protocol import Screening
from ratings.comparisons.study.planning import assumed, planned
from ratings.ranking.evidence.study_pilot import study_pilot
from tests.api.conftest import bearer
from tests.builders import build_token
from tests.comparisons.builders import PLAIN, build_filled_study
from tests.comparisons.checks import build_checked
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    protocol = replace(PLAIN, screening=Screening())
    return build_filled_study(methods=3, pictures=4, protocol=protocol)


def test_a_plan_has_the_page_s_points(study: Study) -> None:
    organizer, path = bearer(build_token()), f"/api/v1/studies/{study.slug}/plan/"
    told = organizer.get(path).json()
    own = planned(assumed(study))
    assert told["assumptions"]["methods"] == 3 and told["neighbours"] == 2
    assert [point["half_width"] for point in told["points"]] == [
        point.half_width for point in own.points
    ]
    more = organizer.get(path, {"methods": "12", "raters": "99"}).json()
    assert more["neighbours"] == 11 and more["points"][-1]["raters"] == 99


def test_screening_says_what_limits_would_do_and_decides_nothing(study: Study) -> None:
    build_checked(study)
    build_checked(study, right=2, alike=2)
    organizer, path = bearer(build_token()), f"/api/v1/studies/{study.slug}/screening/"
    told = organizer.get(path).json()
    assert (told["set_aside"], told["verdicts"]["above"], told["verdicts"]["below"]) == (1, 1, 1)
    assert told["so_far"] == {"raters": 2, "failed_practice": 0, "by_rule": 0, "by_organizer": 0}
    mild = organizer.get(path, {"quality": "0.5"}).json()
    assert mild["limits"]["quality"] == 0.5 and mild["set_aside"] == 0
    assert not Decision.objects.exists()


@pytest.mark.parametrize("call", ["plan", "screening"])
def test_both_are_for_organizers_and_name_what_is_wrong(
    client: Client, study: Study, call: str
) -> None:
    path = f"/api/v1/studies/{study.slug}/{call}/"
    assert client.get(path).status_code == 401
    organizer = bearer(build_token())
    own = "level" if call == "plan" else "early"
    for query in ({own: "x"}, {own: "nan"}, {own: "1e999"}, {own: "2"}, {"colour": "1"}):
        told = organizer.get(path, query)
        assert told.status_code == 400
        assert [error["pointer"] for error in told.json()["errors"]] == [f"#/{next(iter(query))}"]
    assert organizer.get(path, {own: ""}).json() == organizer.get(path).json()
    assert organizer.get(f"/api/v1/studies/none/{call}/").status_code == 404


def test_a_plan_is_made_from_the_studys_pilot_unless_it_is_left_out() -> None:
    study = build_filled_study(methods=4, pictures=3, pilot={"raters": None}, stage=Stage.PILOT)
    judge_all(study, raters=12, judgments=12)
    organizer, path = bearer(build_token()), f"/api/v1/studies/{study.slug}/plan/"
    told = organizer.get(path).json()
    found = study_pilot(study)
    assert found and found.tells and told["pilot_judgments"] == 144
    own = planned(assumed(study, found.tells), found.tells)
    assert [point["apart"] for point in told["points"]] == [point.apart for point in own.points]
    assert organizer.get(path, {"raters": "77"}).json()["points"][-1]["raters"] == 77
    refused = organizer.get(path, {"spread": "1"})
    assert refused.status_code == 400 and "ask with pilot=false" in refused.content.decode()
    guessed = organizer.get(path, {"spread": "1", "pilot": "false"}).json()
    assert guessed["pilot_judgments"] is None and guessed["assumptions"]["spread"] == 1
