"""Versions of a study: a new one for each definition and software, once however many ask."""

import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ratings import __version__
from ratings.comparisons.models import StudyVersion
from ratings.comparisons.protocol import Protocol, Screening
from ratings.comparisons.study import versions
from ratings.comparisons.study.study_tables import study_digest
from ratings.comparisons.study.versions import current_version
from tests.builders import NOW
from tests.comparisons.builders import build_study

pytestmark = pytest.mark.django_db


def test_a_changed_definition_is_a_new_version_and_back_the_old_one() -> None:
    study = build_study()
    before = study.protocol_json
    first = current_version(study, NOW)
    assert (first.sha256, first.software_version, first.since) == (
        study_digest(study),
        __version__,
        NOW,
    )
    assert tomllib.loads(first.definition)["study"][0]["slug"] == study.slug
    later = NOW + timedelta(hours=1)
    assert current_version(study, later) == first
    study.protocol_json = Protocol(screening=Screening(quality=1.3)).as_json()
    second = current_version(study, later)
    assert second != first
    assert second.since == later
    study.protocol_json = before
    assert current_version(study, later) == first


def test_new_software_is_a_new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    study = build_study()
    first = current_version(study, NOW)
    monkeypatch.setattr(versions, "__version__", "99.0.0")
    second = current_version(study, NOW)
    assert (second.sha256, second.software_version) == (first.sha256, "99.0.0")
    assert second != first


def test_asking_again_is_one_query() -> None:
    study = build_study()
    current_version(study, NOW)
    with CaptureQueriesContext(connection) as queries:
        current_version(study, NOW)
    assert len(queries) == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one() -> None:
    study = build_study()

    def work(_: int) -> int:
        try:
            return current_version(study, NOW).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(work, range(16)))) == 1
    assert StudyVersion.objects.count() == 1
