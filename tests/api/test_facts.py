"""The facts of a judgment: what is stored of times that no study asks for."""

from typing import Any

import pytest
from django.test import Client

from ratings.api.rating.facts import A_DAY_MS
from ratings.comparisons.models import Judgment, Visit
from tests.api.sessions import begin, session
from tests.comparisons.builders import build_filled_study

pytestmark = pytest.mark.django_db


def test_a_time_longer_than_a_day_is_stored_as_a_day_and_loses_no_answer(client: Client) -> None:
    study = build_filled_study()
    begin(client, study)
    (trial,) = client.get(f"/api/v1/studies/{study.slug}/trials/next/").json()["results"]
    long = A_DAY_MS + 1
    names = ("response_ms", "first_input_ms", "hidden_ms", "covered_ms")
    body: dict[str, Any] = dict.fromkeys(names, long) | {"choice": "left", "flip_ms": [5, long]}
    response = client.put(trial["judgment"], body, content_type="application/json")
    assert (response.status_code, response.json()["response_ms"]) == (201, A_DAY_MS)
    judgment = Judgment.objects.get()
    assert judgment.response_ms == A_DAY_MS
    assert judgment.display == dict.fromkeys(names[1:], A_DAY_MS) | {"flip_ms": [5, A_DAY_MS]}


def test_a_visit_keeps_the_number_that_it_began_with(client: Client) -> None:
    study = build_filled_study()
    assert begin(client, study).json()["visit"] == 1
    assert begin(client, study).json()["visit"] == 2
    assert session(client, study).json()["visit"] == 2
    assert Visit.objects.count() == 2
