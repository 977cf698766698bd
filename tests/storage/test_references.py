"""No column that names stored files can be forgotten."""

from typing import Any

from django.apps import apps
from django.db import models

from ratings.storage.references import FileRef, file_refs
from ratings.storage.shelves import CONTENT, CROPS, PREVIEWS, TILES

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
