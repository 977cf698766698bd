"""Whom to pay, as organizers fetch it: nobody else, and nothing stays in a cache."""

import csv
import io

import pytest
from django.test import Client

from ratings.comparisons.models import Study
from ratings.comparisons.raters.paying import PAYMENT_COLUMNS
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit
from tests.api.conftest import bearer
from tests.builders import NOW, build_organizer, build_token
from tests.comparisons.builders import build_filled_study
from tests.comparisons.recruits import PROLIFIC, recruiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Return a study with one participant of a platform."""
    study = build_filled_study(protocol=recruiting(platforms=(PROLIFIC,)))
    admit(study, None, EntryRequest(participant=Participant("prolific", "-5f3a")), NOW)
    return study


def test_organizers_have_it_in_both_formats_and_no_cache_keeps_it(study: Study) -> None:
    path, organizer = f"/api/v1/studies/{study.slug}/payments/", bearer(build_token())
    table, document = organizer.get(f"{path}?format=csv"), organizer.get(path)
    for response in (table, document):
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    (row,) = csv.DictReader(io.StringIO(table.content.decode()))
    assert list(row) == PAYMENT_COLUMNS == list(document.json()["results"][0])
    assert (row["participant"], row["state"]) == ("'-5f3a", "judging")
    assert document.json()["results"][0]["participant"] == "-5f3a"
    assert f'filename="{study.slug}-payments.csv"' in table["Content-Disposition"]


def test_nobody_else_has_it(client: Client, study: Study) -> None:
    path = f"/api/v1/studies/{study.slug}/payments/"
    assert client.get(path).status_code == 401
    client.force_login(build_organizer(is_staff=False))
    assert client.get(path).status_code in (401, 403)
    client.force_login(build_organizer())
    assert client.get(path).status_code == 200
    page = client.get(f"/desk/studies/{study.slug}/raters/").content.decode()
    assert f'href="{path}?format=csv"' in page
    judgments = client.get(f"/api/v1/studies/{study.slug}/judgments/?format=csv")
    assert b"5f3a" not in b"".join(judgments)
