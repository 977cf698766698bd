"""A study's stages by the API: what each has, going over and back, and a pilot's own file."""

import pytest
from django.test import Client

from ratings.challenge.models import AuditEntry
from ratings.comparisons.models import Stage, Study
from tests.api.conftest import bearer
from tests.builders import build_organizer, build_token
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def study() -> Study:
    study = build_filled_study(pilot={"raters": None}, stage=Stage.PILOT)
    judge_all(study, raters=2, judgments=4)
    return study


def address(study: Study, call: str = "stage") -> str:
    return f"/api/v1/studies/{study.slug}/{call}/"


def test_a_study_goes_over_and_back_on_record(study: Study) -> None:
    ann = build_organizer()
    organizer = bearer(build_token(ann))
    told = organizer.get(address(study)).json()
    figures = {"raters": 2, "done": 0, "simulated": 0, "not_used": 0, "judgments": 8}
    assert (told["stage"], told["reversible"], told["pilot"]) == ("pilot", False, figures)
    assert told["main"] == dict.fromkeys(figures, 0)
    over = organizer.post(address(study), {"stage": "main"}, JSON).json()
    assert (over["stage"], over["reversible"]) == ("main", True)
    back = organizer.post(address(study), {"stage": "pilot"}, JSON).json()
    assert (back["stage"], back["reversible"]) == ("pilot", False)
    organizer.post(address(study), {"stage": "main"}, JSON)
    study.refresh_from_db()
    judge_all(study, judgments=1)
    late = organizer.post(address(study), {"stage": "pilot"}, JSON)
    assert late.status_code == 409 and late.json()["type"].endswith("stage")
    kinds = AuditEntry.objects.order_by("pk").values_list("kind", "by")
    assert list(kinds) == [(kind, ann.username) for kind in ("main", "pilot", "main")]


def test_it_is_for_organizers_and_names_what_is_wrong(client: Client, study: Study) -> None:
    assert client.get(address(study)).status_code == 401
    assert client.post(address(study), {"stage": "main"}, JSON).status_code == 401
    wrong = bearer(build_token()).post(address(study), {"stage": "preview"}, JSON)
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["pointer"] == "#/stage"


def test_a_study_without_a_pilot_has_no_figures_of_one() -> None:
    told = bearer(build_token()).get(address(build_filled_study())).json()
    assert (told["stage"], told["reversible"], told["pilot"]) == ("main", False, None)


def test_a_pilots_judgments_are_asked_for_by_stage(study: Study) -> None:
    organizer = bearer(build_token())
    path = address(study, "judgments")

    def lines(**query: str) -> int:
        answer = organizer.get(path, {"format": "csv", **query})
        return b"".join(answer).count(b"\r\n") - 1

    assert (lines(), lines(stage="main"), lines(stage="pilot")) == (0, 0, 8)
    named = organizer.get(path, {"format": "csv", "stage": "pilot"})
    assert f"{study.slug}-pilot-judgments.csv" in named["Content-Disposition"]
    rows = organizer.get(path, {"format": "json", "stage": "pilot"})
    assert b"".join(rows).count(b"trial_id") == 8
    wrong = organizer.get(path, {"stage": "preview"})
    assert wrong.status_code == 400 and "pilot, main" in wrong.content.decode()
