"""The page on screening: what was done, what other limits would do, and nothing is saved."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.comparisons.judgments.screening import screen
from ratings.comparisons.models import Decision, Study
from ratings.comparisons.protocol import Screening
from ratings.web.desk.parts.desk_charts import Bin, binned, histogram
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import PLAIN, build_filled_study
from tests.comparisons.checks import build_checked
from tests.web.pages import markup, page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    protocol = replace(PLAIN, screening=Screening())
    study = build_filled_study(methods=3, pictures=4, protocol=protocol)
    build_checked(study)
    build_checked(study, right=4, alike=4)
    build_checked(study, right=2, alike=2)
    return study


def path(study: Study, query: str = "") -> str:
    return f"/desk/studies/{study.slug}/screening/{query}"


def test_it_says_what_the_rule_did_and_how_raters_are_spread(client: Client, study: Study) -> None:
    screen(study, NOW)
    html = page(client, path(study))
    assert "<dt>Set aside by the rule</dt><dd>1</dd>" in html
    assert "Raters below the quality, with enough checks</th><td" in html and "1 (33 %)" in html
    assert "By these" not in html and "<title>1.9 or more: 1 raters</title>" in html
    assert f'href="{path(study)}"' in page(client, f"/desk/studies/{study.slug}/")


def test_other_limits_are_tried_and_nothing_is_saved(client: Client, study: Study) -> None:
    screen(study, NOW)
    html = page(client, path(study, "?quality=1.5&least_checks=6"))
    assert "would set 1 more rater aside and take 0 back" in html
    assert "2 (67 %)" in html and "tried: 1.5" in html
    html = page(client, path(study, "?quality=0,5"))
    assert "0 more raters aside and take 1 back" in html
    assert "would change nothing" in page(client, path(study, "?fast_under_ms=9"))
    assert Decision.objects.count() == 1
    assert Study.objects.get().protocol.screening == Screening()


@pytest.mark.parametrize(
    "query", ["?quality=3", "?quality=x", "?least_checks=0", "?early=nan", "?drop_under_ms=-1"]
)
def test_a_limit_that_is_none_is_named(client: Client, study: Study, query: str) -> None:
    response = client.get(path(study, query))
    html = markup(response)
    assert response.status_code == 422 and html.count('aria-invalid="true"') == 1
    assert "By these" not in html


def test_a_study_without_answers_says_so(client: Client) -> None:
    html = page(client, path(build_filled_study()))
    assert "Nobody has answered both kinds" in html and "There are no answers yet." in html


def test_values_lie_in_the_column_that_holds_them() -> None:
    assert binned([0.0, 0.1, 0.3, 1.9, 2.0, 7.0, -1.0], 0.0, 2.0, 20)[0] == Bin(0.0, 0.1, 2)
    bins = binned([0.1, 0.3, 1.2, 2.0, 9.0], 0.0, 2.0, 20)
    filled = {round(bin.low, 6): bin.count for bin in bins if bin.count}
    assert filled == {0.1: 1, 0.3: 1, 1.2: 1, 1.9: 2}
    assert 'x1="75.00%"' in histogram(bins, [(1.5, "1.5"), (3.0, "far")], "raters")
    assert "far" not in histogram(bins, [(3.0, "far")], "raters")
