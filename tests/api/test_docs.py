"""The schema and its page: complete, and readable without a script."""

import json
import re

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from ratings.api import errors


def test_the_schema_is_valid_and_names_every_call() -> None:
    response = Client().get("/api/v1/schema/", headers={"Accept": "application/json"})
    schema = json.loads(response.content)
    validate_schema(schema)
    assert schema["openapi"].startswith("3.1")
    assert {"team", "organizer"} <= set(schema["components"]["securitySchemes"])
    calls = {
        call["operationId"] for methods in schema["paths"].values() for call in methods.values()
    }
    assert {"begin_submission", "put_archive", "submit", "list_originals"} <= calls


def test_the_schema_is_made_without_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    Client().get("/api/v1/schema/")
    assert capsys.readouterr().err == ""


def test_the_page_shows_every_call_field_and_problem() -> None:
    response = Client().get("/api/v1/docs/")
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page)
    assert 'id="begin_submission"' in page
    assert "progress.decoded.received" in page
    assert "results[].phases[].deadline" in page
    for code in errors.EXPLANATIONS:
        assert f'id="{code}"' in page
    assert set(errors.STATUS) <= set(errors.EXPLANATIONS)
