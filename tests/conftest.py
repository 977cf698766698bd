"""Fixtures that every test may use."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from django.core.management.commands import flush
from django.db import connection
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from ratings.files_place import BucketPlace
from tests import object_store
from tests.cut_fonts import cut_once
from tests.outbox.receivers import HookReceiver, MailServer, serving
from tests.tables import deletions
from tests.template_database import template_database

# A machine with other work to do is slow now and then; that says nothing about the code. Nor would
# an example that is drawn in one run and not in the next: `--hypothesis-profile=chance` draws anew.
hypothesis.settings.register_profile("chance", deadline=None)
hypothesis.settings.register_profile("certain", deadline=None, derandomize=True)
hypothesis.settings.load_profile("certain")


# What is imported and collected stays to the end: nothing of it is garbage, so nobody looks for it,
# neither now nor whenever a test leaves some.
gc.disable()
# After how many new objects garbage is looked for: tests make more of them than programs do.
GARBAGE = 10_000


def pytest_collection_finish() -> None:
    """Look for garbage from now on, and only among what tests make."""
    gc.freeze()
    gc.set_threshold(GARBAGE)
    gc.enable()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Let this process's database be a copy, for migrating takes seconds."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Empty tables after a test with transactions of its own by deleting its few rows.

    Django truncates all tables, which writes each one's files anew, and then makes what comes with
    the tables once more.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.ops, "sql_flush", deletions)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *args: None)
        yield


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Settings, tmp_path: Path) -> None:
    """Give each test a file store of its own, and static files that need no collecting."""
    storage = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path / "files"}}
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {"default": storage, "staticfiles": static}


@pytest.fixture(scope="session")
def served_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketPlace]:
    """Serve a bucket for as long as tests ask for it."""
    with object_store.serve(tmp_path_factory.mktemp("objects")) as place:
        yield place


@pytest.fixture
def bucket(served_bucket: BucketPlace, settings: Settings) -> BucketPlace:
    """Let the site's files lie in the bucket, each test's below a prefix of its own."""
    place = replace(served_bucket, prefix=f"tests/{uuid4().hex}")
    settings.FILES_BUCKET = place
    return place


@pytest.fixture(autouse=True)
def fast_passwords(settings: Settings) -> None:
    """Hash passwords fast: Argon2 takes a fifth of a second of CPU, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fonts_cut_once() -> None:
    """Draw PDFs fast, from the second test on that draws some."""
    cut_once()


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """Let mail go to a server of the test's own."""
    server = MailServer()
    with serving(server):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        settings.DEFAULT_FROM_EMAIL = "Ratings <ratings@example.org>"
        settings.SITE_ADDRESS = "https://ratings.example.org"
        yield server


@pytest.fixture
def hook_receiver(settings: Settings) -> Iterator[HookReceiver]:
    """Let hooks lead to a receiver of the test's own."""
    receiver = HookReceiver()
    with serving(receiver):
        settings.HOOKS_HERE = True
        yield receiver
