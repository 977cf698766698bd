"""`doctor`: a line for each thing that a site needs, and the mend of what is not well."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from pytest_django.fixtures import Settings

from ratings.files_place import BucketPlace, Keys
from ratings.health import checkups
from ratings.health.checkups import NOTE, WELL, WRONG, Checkup, examine
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from tests.migrations.steps import NEWEST

ABOUT = [
    *("database", "migrations", "clock", "files", "workers", "queues", "environments"),
    *("rankings", "disk", "connections", "sandbox", "mail", "static files", "secret key"),
    *("hosts", "https"),
]


@pytest.fixture
def well(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that is well but for what a test does to it."""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / settings.STATIC_MANIFEST).touch()
    settings.STATIC_ROOT = tmp_path / "static"
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.EMAIL_HOST = ""
    monkeypatch.setattr(checkups, "open_sandbox", lambda folder, image: None)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("well")]


def found(about: str) -> Checkup:
    return next(finding for finding in examine() if finding.about == about)


def test_a_site_that_is_well() -> None:
    out = StringIO()
    call_command("doctor", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split(maxsplit=1)[1].split(": ")[0] for line in lines] == ABOUT
    assert {line.split()[0] for line in lines} == {WELL, NOTE}


def test_programs_read_the_same_and_a_wrong_thing_is_an_error(settings: Settings) -> None:
    settings.DEBUG = True
    out = StringIO()
    with pytest.raises(CommandError, match=r"To be mended: https\."):
        call_command("doctor", "--json", stdout=out)
    findings = {finding["about"]: finding for finding in json.loads(out.getvalue())}
    assert [*findings] == ABOUT
    assert findings["https"]["state"] == WRONG and "Unset it" in findings["https"]["words"]


def test_without_a_database_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused\nIs it running?")

    monkeypatch.setattr(connection, "cursor", away)
    findings = list(examine())
    assert findings[0].state == WRONG and "DATABASE_URL" in findings[0].words
    assert [finding.about for finding in findings] == ["database", *ABOUT[10:]]


def test_a_database_without_its_tables_is_told_to_be_migrated() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = %s", [NEWEST[1]])
    assert found("migrations") == Checkup(
        "migrations", WRONG, "1 are not applied. Run manage.py migrate."
    )


def test_workers_that_are_not_heard_of() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1h'")
    assert (found("workers").state, found("disk").state) == (WRONG, WELL)


def test_a_sandbox_that_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(folder: Path, image: str) -> None:
        raise SandboxUnavailable("install the package 'bubblewrap'")

    monkeypatch.setattr(checkups, "open_sandbox", no)
    assert found("sandbox").state == WRONG and "bubblewrap" in found("sandbox").words


def test_a_mail_server_that_does_not_answer(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert found("mail").state == WRONG and "RATINGS_MAIL" in found("mail").words


def test_static_files_that_were_never_collected(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "nothing"
    assert found("static files").state == WRONG and "collectstatic" in found("static files").words


def test_a_key_that_others_may_read(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    file = tmp_path / "secret_key"
    assert found("secret key").words == "from the environment"
    file.write_text(settings.SECRET_KEY)
    file.chmod(0o600)
    assert found("secret key").state == WELL
    file.chmod(0o644)
    assert found("secret key") == Checkup(
        "secret key", WRONG, f"Others may read {file}. Run chmod 600 {file}."
    )


@pytest.mark.parametrize(
    ("hosts", "https", "states"),
    [
        (["localhost", "[::1]"], False, (WELL, NOTE)),
        (["localhost"], True, (WRONG, WELL)),
        (["*"], True, (WRONG, WELL)),
        (["ratings.example.org"], True, (WELL, WELL)),
        (["ratings.example.org"], False, (WELL, WRONG)),
    ],
)
def test_hosts_and_https_fit_together(
    settings: Settings, hosts: list[str], https: bool, states: tuple[str, str]
) -> None:
    settings.ALLOWED_HOSTS, settings.HTTPS = hosts, https
    assert (found("hosts").state, found("https").state) == states


def test_a_store_that_is_away_and_one_that_refuses(bucket: BucketPlace, settings: Settings) -> None:
    settings.FILES_BUCKET = replace(bucket, endpoint_url="http://127.0.0.1:1")
    words = found("bucket").words
    assert "can't be reached" in words and "let this machine reach the store" in words
    assert "keys" not in words
    settings.FILES_BUCKET = replace(bucket, keys=Keys("nobody", "knows"))
    words = found("bucket").words
    assert " refuses: " in words and "Let the keys read" in words
