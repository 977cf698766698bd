"""The page that plans a study: begins with the study's own, answers at once, and saves nothing."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.comparisons.models import Study
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
from ratings.web.desk.study.plan_charts import curve
from tests.builders import build_organizer
from tests.comparisons.builders import PLAIN, build_filled_study, build_study
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
