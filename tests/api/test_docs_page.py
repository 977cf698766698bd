"""The schema and its page: complete, and readable without a script."""

import json
import re

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from ratings.api.parts import errors


def test_the_schema_is_valid_and_names_every_call() -> None:
    response = Client().get("/api/v1/schema/", headers={"Accept": "application/json"})
    schema = json.loads(response.content)
    validate_schema(schema)  # type: ignore[no-untyped-call]
    assert schema["openapi"].startswith("3.1")
    assert {"team", "organizer"} <= set(schema["components"]["securitySchemes"])
    calls = {
        call["operationId"] for methods in schema["paths"].values() for call in methods.values()
    }
    assert {"begin_submission", "put_archive", "submit", "list_originals"} <= calls


def test_names_of_calls_are_chosen_and_nulls_are_told_as_the_schema_s_version_does() -> None:
    response = Client().get("/api/v1/schema/", headers={"Accept": "application/json"})
    schema = json.loads(response.content)
    calls = [call for methods in schema["paths"].values() for call in methods.values()]
    names = [call["operationId"] for call in calls]
    assert len(set(names)) == len(names)
    made_up = re.compile(r".*_(list|create|retrieve|update|partial_update|destroy)")
    assert not list(filter(made_up.fullmatch, names))
    assert b"nullable" not in response.content
    for call in calls:
        refusals = {status: one for status, one in call["responses"].items() if status >= "400"}
        assert {"400", "503"} <= set(refusals)
        for refusal in refusals.values():
            assert list(refusal["content"]) == ["application/problem+json"]


def test_the_schema_is_made_without_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    Client().get("/api/v1/schema/")
    assert capsys.readouterr().err == ""


def test_the_page_shows_every_call_field_and_problem() -> None:
    response = Client().get("/api/v1/docs/")
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page)
    assert 'id="begin_submission"' in page
    assert "progress.decoded.received" in page
    assert "problem+json" not in page.partition('id="problems"')[0]
    assert "results[].phases[].deadline" in page
    for code in errors.EXPLANATIONS:
        assert f'id="{code}"' in page
    assert set(errors.STATUS) <= set(errors.EXPLANATIONS)
