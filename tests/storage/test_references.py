"""No column that names stored files can be forgotten."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models
from pytest_django import DjangoAssertNumQueries

from ratings.storage.references import FileRef, file_refs, named_in, named_of
from ratings.storage.shelves import CONTENT, CROPS, PREVIEWS, TILES
from tests.builders import build_bitstream, build_phase, build_submission

# Digests of texts, of tokens, and of files that need not be here.
NO_FILES = {
    "accesstoken.sha256",
    "accountlink.sha256",
    "challenge.definition_sha256",
    "frozenranking.redacted_sha256",
    "metricentry.sent_sha256",
    "ranking.input_sha256",
    "registereddecoder.sha256",
    "stagedfile.sent_sha256",
    "studyversion.sha256",
    "worker.token_sha256",
}


def label(field: "models.Field[Any, Any]") -> str:
    return f"{field.model._meta.model_name}.{field.name}"


def test_every_digest_is_a_files_or_is_known_to_be_none() -> None:
    digests = {
        label(field)
        for model in apps.get_app_config("ratings").get_models()
        for field in model._meta.local_fields
        if "sha256" in field.name
    }
    refs = {label(field) for field in file_refs()}
    assert digests - refs == NO_FILES
    assert refs - digests == {"cropversion.address", "preparedpicture.address"}


def test_each_shelf_is_named_by_what_its_files_are_there_for() -> None:
    named = {
        shelf: {label(field) for field in file_refs() if shelf in field.shelves}
        for shelf in (CONTENT, CROPS, PREVIEWS, TILES)
    }
    assert named[CONTENT] == {
        "original.sha256",
        "original.samples_sha256",
        "stagedfile.sha256",
        "stagedfile.samples_sha256",
        "bitstream.sha256",
        "decodedimage.sha256",
        "decoder.sha256",
        "delivery.sha256",
        "factsheet.sha256",
        "bundle.sha256",
        "publicrelease.sha256",
    }
    assert named[CROPS] == {"cropversion.address"}
    assert named[PREVIEWS] == {"original.samples_sha256"}
    assert named[TILES] == {"preparedpicture.address"}


def test_every_column_that_names_files_has_an_index() -> None:
    for field in file_refs():
        indexed = {tuple(index.fields) for index in field.model._meta.indexes}
        assert field.unique or (field.name,) in indexed, label(field)


def test_the_database_sees_a_text() -> None:
    assert FileRef().deconstruct()[1:] == ("django.db.models.CharField", [], {"max_length": 64})


@pytest.mark.django_db
def test_all_columns_are_asked_in_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    phase = build_phase(names=["a.png"])
    bitstream = build_bitstream(build_submission(phase), phase.originals()[0])
    for name in (phase.originals()[0].sha256, bitstream.sha256):
        with django_assert_num_queries(1):
            assert name in named_in(CONTENT, name[0])
        with django_assert_num_queries(1):
            assert named_of(CONTENT, [name, "0" * 64]) == {name}
