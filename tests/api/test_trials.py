"""Raters, trials and judgments over HTTP: refused first, then stored once, and always blind."""

import json
import re
from collections import Counter
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ratings.api.rating import facts
from ratings.comparisons.models import Judgment, Rater, Study, Trial
from ratings.comparisons.raters import rater_keys
from tests.api.conftest import details
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater, build_study, log_in, pair_of
from tests.comparisons.checks import make_check
from tests.http.answers import without_id

pytestmark = pytest.mark.django_db

JSON = "application/json"
ANSWER = {"choice": "left", "response_ms": 1234}


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=3, pictures=3)


def begin(client: Client, study: Study, body: object = None) -> Any:  # noqa: ANN401
    body = {"consent": True} if body is None else body
    return client.post(f"/api/v1/studies/{study.slug}/raters/", body, content_type=JSON)


def ask(client: Client, study: Study, count: int | str = 1) -> Any:  # noqa: ANN401
    return client.get(f"/api/v1/studies/{study.slug}/trials/next/", {"count": count})


def put(client: Client, trial: dict[str, Any], body: object = ANSWER, **headers: str) -> Any:  # noqa: ANN401
    return client.put(trial["judgment"], body, content_type=JSON, headers=headers)


def first_trial(client: Client, study: Study) -> dict[str, Any]:
    begin(client, study)
    trial: dict[str, Any] = ask(client, study).json()["results"][0]
    return trial


@pytest.mark.parametrize("body", [{}, {"consent": False}, {"consent": "maybe"}, {"consent": None}])
def test_nobody_begins_without_consent(client: Client, study: Study, body: dict[str, Any]) -> None:
    response = begin(client, study, body)
    assert response.status_code == 400
    assert details(response)[0].startswith("consent: ")
    assert not response.cookies
    assert not Rater.objects.exists()


def test_unknown_fields_media_types_and_studies_are_refused(client: Client, study: Study) -> None:
    assert begin(client, study, {"consent": True, "name": "Eve"}).status_code == 400
    url = f"/api/v1/studies/{study.slug}/raters/"
    assert client.post(url, {"consent": "true"}).status_code == 415
    assert begin(client, build_study(slug="x"), []).status_code == 400
    assert client.post("/api/v1/studies/nowhere/raters/", {}, JSON).status_code == 404
    assert client.get("/api/v1/studies/nowhere/trials/next/").status_code == 404
    assert not Rater.objects.exists()


def test_a_closed_study_takes_no_raters_but_what_was_issued(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    Study.objects.update(is_open=False)
    assert begin(Client(), study).status_code == 403
    assert ask(client, study).status_code == 403
    assert ask(client, study).json()["type"].endswith("#study-closed")
    assert put(client, trial).status_code == 201


def test_beginning_stores_the_text_and_sets_a_cookie_that_no_script_reads(
    client: Client, study: Study
) -> None:
    response = begin(client, study)
    assert response.status_code == 201
    body = response.json()
    assert (body["judged"], body["total"], body["visit"]) == (0, 18, 1)
    (cookie,) = response.cookies.values()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert not cookie["secure"]
    assert Rater.objects.get().consent == study.consent
    assert begin(client, study).status_code == 200
    assert Rater.objects.count() == 1


def test_the_cookie_is_secure_behind_https(client: Client, study: Study, settings: Any) -> None:  # noqa: ANN401
    settings.HTTPS = True
    (cookie,) = begin(client, study).cookies.values()
    assert cookie["secure"]


def test_forged_and_foreign_cookies_are_nobody(client: Client, study: Study) -> None:
    other = build_rater(build_study())
    for value in (
        "",
        other.pk.hex,
        rater_keys.cookie_value(other) + "x",
        rater_keys.cookie_value(other),
    ):
        client.cookies[rater_keys.cookie_name(study)] = value
        response = ask(client, study)
        assert response.status_code == 403
        assert response.json()["type"].endswith("#no-rater")


@pytest.mark.parametrize("count", [0, 11, -1, "many", "1.5"])
def test_counts_out_of_range_are_refused(client: Client, study: Study, count: int | str) -> None:
    begin(client, study)
    response = ask(client, study, count)
    assert response.status_code == 400
    assert details(response)[0].startswith("count: ")


def test_trials_come_with_addresses_and_progress(client: Client, study: Study) -> None:
    begin(client, study)
    response = ask(client, study, 2)
    assert response["Cache-Control"] == "private, no-store"
    body = response.json()
    assert (body["judged"], body["total"]) == (0, 18)
    assert [trial["number"] for trial in body["results"]] == [1, 2]
    assert ask(client, study, 2).json() == body
    put(client, body["results"][0])
    after = ask(client, study, 2).json()
    assert after["judged"] == 1
    assert [trial["number"] for trial in after["results"]] == [2, 3]


def test_an_empty_list_says_that_nothing_is_left(client: Client) -> None:
    study = build_filled_study(methods=2, pictures=1, trials_per_rater=1)
    put(client, first_trial(client, study))
    done = {"judged": 1, "total": 1, "state": "done", "results": []}
    assert ask(client, study, 3).json() == done


def test_studies_are_listed(client: Client, study: Study) -> None:
    (listed,) = client.get("/api/v1/studies/").json()["results"]
    assert listed["slug"] == study.slug
    assert listed["phase"] == study.phase.slug


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"choice": "left"}, "response_ms: This field is required."),
        ({"response_ms": 1}, "choice: This field is required."),
        (ANSWER | {"choice": "both"}, "choice: It must be one of left, right, tie."),
        (ANSWER | {"choice": ["left"]}, "choice: "),
        (ANSWER | {"response_ms": -1}, "response_ms: It must be a whole number from 0 "),
        (ANSWER | {"response_ms": 1.5}, "response_ms: "),
        (ANSWER | {"response_ms": True}, "response_ms: "),
        (ANSWER | {"response_ms": 10**30}, "response_ms: "),
        (ANSWER | {"device_pixel_ratio": float("nan")}, "device_pixel_ratio: It must be a number"),
        (ANSWER | {"flips": "2"}, "flips: "),
        (ANSWER | {"input": "nose"}, "input: "),
        (ANSWER | {"magnified": 3}, "magnified: It must be one of 1, 2, 4."),
        (ANSWER | {"magnified": True}, "magnified: "),
        (ANSWER | {"flip_ms": 3}, "flip_ms: It must be a list of at most 200, each a whole "),
        (ANSWER | {"flip_ms": [1] * 201}, "flip_ms: "),
        (ANSWER | {"flip_ms": [1, -1]}, "flip_ms: "),
        (ANSWER | {"flip_ms": [[1]]}, "flip_ms: "),
        (ANSWER | {"shown_at": "yesterday"}, "shown_at: It must be an instant such as "),
        (ANSWER | {"shown_at": "2026-01-31T12:00:00"}, "shown_at: "),
        (ANSWER | {"shown_at": "9999-12-31T23:59:59-12:00"}, "shown_at: "),
        (ANSWER | {"shown_at": "0001-01-01T00:00:00+12:00"}, "shown_at: "),
        (ANSWER | {"answered_at": -1}, "answered_at: "),
        (ANSWER | {"answered_at": True}, "answered_at: "),
        (ANSWER | {"answered_at": 10**30}, "answered_at: "),
        (ANSWER | {"answered_at": None}, "answered_at: "),
        (ANSWER | {"attempt": 0}, "attempt: It must be a whole number from 1 to 100."),
        (ANSWER | {"attempt": "1"}, "attempt: "),
        (ANSWER | {"visit": 2**31}, "visit: "),
        (ANSWER | {"mood": "good"}, "mood: This field is unknown; known are: choice, "),
        (ANSWER | {"choice": "tie"}, "choice: this study takes no ties"),
        ([ANSWER], "The body must be a JSON object."),
    ],
)
def test_wrong_judgments_are_refused(
    client: Client, study: Study, body: object, problem: str
) -> None:
    trial = first_trial(client, study)
    response = put(client, trial, body)
    assert response.status_code == 400
    assert details(response)[0].startswith(problem)
    assert not Judgment.objects.exists()


def test_broken_huge_and_misnamed_bodies_are_refused(client: Client, study: Study) -> None:
    url = first_trial(client, study)["judgment"]
    for body in (b"{", b"\xff", b"[" * 5000, b"null"):
        assert client.put(url, body, content_type=JSON).status_code == 400
    assert client.put(url, json.dumps(ANSWER) + " " * 9000, content_type=JSON).status_code == 413
    assert client.put(url, json.dumps(ANSWER), content_type="text/plain").status_code == 415
    assert client.put(url, "choice=left", "application/x-www-form-urlencoded").status_code == 415
    for method in (client.get, client.post, client.delete, client.patch):
        assert method(url).status_code == 405
    assert client.put("/api/v1/trials/7/judgment/", ANSWER, content_type=JSON).status_code == 404
    assert not Judgment.objects.exists()


def test_requests_of_other_sites_are_refused(study: Study) -> None:
    client = Client(enforce_csrf_checks=True)
    trial = first_trial(client, study)
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        assert put(client, trial, **headers).status_code == 403
    assert not Judgment.objects.exists()
    own = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
    assert put(client, trial, **own).status_code == 201


def test_a_trial_of_somebody_else_is_unknown(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    begin(stranger := Client(), study)
    for other in (stranger, Client()):
        assert put(other, trial).status_code == 404
    unknown = {"judgment": f"/api/v1/trials/{uuid4()}/judgment/"}
    assert put(client, unknown).status_code == 404


def test_a_judgment_is_stored_once(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    display = {"device_pixel_ratio": 1.25, "flips": 3, "input": "key", "shown_first": "right"}
    stored = {"trial": trial["id"], "attempt": 1} | ANSWER
    response = put(client, trial, ANSWER | display)
    assert (response.status_code, response.json()) == (201, stored)
    assert Judgment.objects.get().display == display
    again = put(client, trial, ANSWER | {"response_ms": 9})
    assert (again.status_code, again.json()) == (200, stored)
    contradiction = put(client, trial, ANSWER | {"choice": "right"})
    assert contradiction.status_code == 409
    assert details(contradiction) == ["This trial was judged already: left. That judgment stays."]


def test_every_fact_is_kept_as_it_was_told(client: Client, study: Study) -> None:
    told = {
        "device_pixel_ratio": 1.25,
        "zoom": 0.9,
        "window_width": 1366,
        "window_height": 700,
        "screen_width": 1366,
        "screen_height": 768,
        "layout": "flip",
        "arrangement": "single",
        "enlarge": 2,
        "magnified": 4,
        "pans": 3,
        "shown_first": "left",
        "flips": 200,
        "flip_ms": [86_400_000] * 200,
        "first_input_ms": 90,
        "hidden_ms": 5,
        "hidden_count": 1,
        "covered_ms": 7,
        "covered_count": 2,
        "input": "touch",
        "visit": 1,
    }
    times = {"shown_at": "2026-01-31T12:00:00.250Z", "answered_at": 1_769_860_805_500.5}
    body = ANSWER | told | times
    assert set(body) | {"attempt"} == set(facts.FIELDS)
    trial = first_trial(client, study)
    assert put(client, trial, body).status_code == 201
    assert Judgment.objects.get().display == told | {
        "shown_at": "2026-01-31T12:00:00.250000+00:00",
        "answered_at": "2026-01-31T12:00:05.500500+00:00",
    }


def undo(client: Client, trial: dict[str, Any], attempt: object = 1) -> Any:  # noqa: ANN401
    return client.post(trial["undo"], {"attempt": attempt}, content_type=JSON)


def test_an_answer_is_undone_and_given_again(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    assert (trial["attempt"], trial["training"]) == (1, False)
    assert undo(client, trial).json()["type"].endswith("#unknown-judgment")
    put(client, trial)
    for _ in range(2):
        response = undo(client, trial)
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
        assert response.json() == {"trial": trial["id"], "attempt": 2}
    again = ask(client, study).json()
    assert again["results"] == [trial | {"attempt": 2}]
    assert again["judged"] == 0
    other = ANSWER | {"choice": "right"}
    for body, status, code in (
        (ANSWER, 200, ""),
        (other, 409, "undone"),
        (other | {"attempt": 3}, 409, "not-undone"),
        (other | {"attempt": 2}, 201, ""),
        (ANSWER | {"attempt": 2}, 409, "contradiction"),
    ):
        response = put(client, trial, body)
        assert response.status_code == status
        assert response.json().get("type", "").rpartition("#")[2] == code
    assert ask(client, study).json()["results"][0]["number"] == 2


def test_only_ones_own_last_answer_can_be_undone(client: Client, study: Study) -> None:
    begin(client, study)
    first, second = ask(client, study, 2).json()["results"]
    put(client, first)
    put(client, second)
    response = undo(client, first)
    assert (response.status_code, response.json()["type"][-13:]) == (409, "#not-the-last")
    begin(stranger := Client(), study)
    assert undo(stranger, second).status_code == undo(Client(), second).status_code == 404
    for wrong in (0, -1, 101, "x", None, [1], 1.5):
        assert undo(client, second, wrong).status_code == 400
    assert client.post(second["undo"], {}, content_type=JSON).status_code == 400
    assert client.post(second["undo"], {"attempt": 1}).status_code == 415
    assert client.get(second["undo"]).status_code == 405
    assert not Judgment.objects.exclude(undone_at=None).exists()


def test_training_tells_the_solution_and_cannot_be_undone(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    row = Trial.objects.get()
    make_check(row, "training")
    Trial.objects.update(training_attempt=1)
    right = "left" if row.first_left else "right"
    body = put(client, trial, ANSWER | {"choice": right}).json()
    assert (body["correct"], put(client, trial, ANSWER | {"choice": right}).json()) == (True, body)
    response = undo(client, trial)
    assert (response.status_code, response.json()["type"][-9:]) == (409, "#training")


def test_a_paused_study_gives_what_was_issued_and_then_says_so(
    client: Client, study: Study
) -> None:
    trial = first_trial(client, study)
    Study.objects.update(paused_at=NOW)
    assert ask(client, study, 5).json()["results"] == [trial]
    assert put(client, trial).status_code == 201
    assert (response := ask(client, study)).status_code == 403
    assert response.json()["type"].endswith("#study-paused")
    Study.objects.update(paused_at=None)
    assert len(ask(client, study, 5).json()["results"]) == 5


def test_two_studies_in_one_browser_do_not_mix(client: Client, study: Study) -> None:
    other = build_filled_study()
    trials = [first_trial(client, study), first_trial(client, other)]
    assert [put(client, trial).status_code for trial in trials] == [201, 201]
    assert Rater.objects.count() == 2


def test_a_judgment_costs_one_statement(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    with CaptureQueriesContext(connection) as queries:
        assert put(client, trial).status_code == 201
    # The check of the connection's health is the second round trip.
    assert len(queries) == 1


def test_issuing_costs_the_same_however_much_is_judged(client: Client) -> None:
    study = build_filled_study(methods=4, pictures=4, trials_per_rater=40)
    begin(client, study)
    put(client, ask(client, study).json()["results"][0])  # keeps the study's version, once
    costs = []
    for _ in range(12):
        with CaptureQueriesContext(connection) as queries:
            (trial,) = ask(client, study).json()["results"]
        costs.append(len(queries))
        put(client, trial)
    # The rater, their trials, one more, and the addresses of its pictures.
    assert set(costs) == {4}
    assert len(ask(client, study, 10).json()["results"]) == 10
    with CaptureQueriesContext(connection) as queries:
        assert len(ask(client, study, 10).json()["results"]) == 10
    assert len(queries) < costs[1]


def test_nothing_in_a_trial_tells_which_method_is_which(client: Client) -> None:
    study = build_filled_study(methods=2, pictures=6, trials_per_rater=20)
    names = {word for e in study.entries.all() for word in (e.label, str(e.submission_id))}
    begin(client, study)
    sides: Counter[bool] = Counter()
    for _ in range(10):
        response = ask(client, study)
        text = response.content.decode() + str(response.headers)
        assert not any(name in text for name in names)
        (trial,) = response.json()["results"]
        addresses = [trial[key] for key in ("left", "right", "original")]
        assert all(re.fullmatch(r"/crops/[0-9a-f]{32}\.webp", address) for address in addresses)
        files = [client.get(address) for address in addresses]
        left, right, original = [without_id(file) for file in files]
        lengths = [len(b"".join(file)) for file in files]
        assert lengths[0] == lengths[1]
        assert left == right
        assert {k: v for k, v in original.items() if k != "Content-Length"} == {
            k: v for k, v in left.items() if k != "Content-Length"
        }
        assert not {"ETag", "Last-Modified", "Content-Disposition", "Set-Cookie"} & set(left)
        row = Trial.objects.select_related("pair").get(pk=trial["id"])
        first = row.crop.versions.get(entry=pair_of(row).first_id).address
        assert (first in trial["left"]) == row.first_left
        sides[row.first_left] += 1
        put(client, trial)
    assert set(sides.values()) == {5}


def test_a_cookie_of_a_rater_goes_on_in_another_client(study: Study) -> None:
    rater = build_rater(study)
    clients = [Client(), Client()]
    for client in clients:
        log_in(client, rater)
    bodies = [ask(each, study, 3).json() for each in clients]
    assert bodies[0] == bodies[1]
    assert np.all([trial["number"] for trial in bodies[0]["results"]] == np.arange(1, 4))


def test_the_schema_holds_every_call(client: Client) -> None:
    paths = client.get("/api/v1/schema/", {"format": "json"}).json()["paths"]
    assert "put" in paths["/api/v1/trials/{trial_id}/judgment/"]
    assert "post" in paths["/api/v1/studies/{slug}/raters/"]
    assert "get" in paths["/api/v1/studies/{slug}/trials/next/"]
    assert "get" in paths["/api/v1/studies/{slug}/session/"]
    assert "post" in paths["/api/v1/trials/{trial_id}/undo/"]
    body = paths["/api/v1/trials/{trial_id}/judgment/"]["put"]["requestBody"]["content"][JSON][
        "schema"
    ]
    assert body["required"] == ["choice", "response_ms"]
