"""What differs from site to site: wrong values stop the start, all named, no secret shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ratings.environment import WrongEnvironment, generated_key, read_environment
from ratings.files_place import BucketPlace, Keys
from tests.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[1]
KEY = "k3y" * 20


def refused(**variables: str) -> list[str]:
    with pytest.raises(WrongEnvironment) as wrong:
        read_environment(variables)
    return str(wrong.value).splitlines()[1:]


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_need_be_set(value: str | None) -> None:
    names = (
        *("RATINGS_HTTPS", "RATINGS_HOSTS", "RATINGS_STATEMENT_SECONDS", "RATINGS_SECRET_KEY"),
        *("HOST", "PORT", "RATINGS_DECODING_WORKERS", "WEB_CONCURRENCY", "RATINGS_LIMITS"),
    )
    site = read_environment({} if value is None else dict.fromkeys(names, value))
    assert site == read_environment({})
    assert (site.https, site.secret_key, site.database_url, site.data_dir) == (False,) + (None,) * 3


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("RATINGS_ADDRESS", "ratings.example.org", "write what browsers ask for, without a path"),
        ("RATINGS_ADDRESS", "https://a.example/path", "without a path"),
        ("RATINGS_ADDRESS", "https://a:b@c.example", "without a path"),
        ("RATINGS_ADDRESS", "https://a.example:x", "can't be read as an address"),
        ("RATINGS_MAIL_REPLY_TO", "nobody", "is 'nobody'; write an address"),
        ("RATINGS_HTTPS", "true", "is 'true'; write 1 for on, 0 for off."),
        ("RATINGS_DEBUG", "yes", "is 'yes'; write 1 for on"),
        ("RATINGS_HSTS", "1", "is '1'; write one of: none, host, subdomains, preload."),
        ("RATINGS_LIMITS", "begin=5", "names 'begin=5'; write it as begin=2000/600"),
        ("PORT", "http", "is 'http'; write a whole number from 1 to 65535."),
        ("PORT", "-1", "is '-1'; write a whole number from 1 to 65535."),
        ("PORT", "65536", "is '65536'; write a whole number from 1 to 65535."),
        ("RATINGS_DECODING_WORKERS", "0", "is '0'; write a whole number from 1"),
        ("WEB_CONCURRENCY", "x", "is 'x'; write a whole number from 1"),
        ("RATINGS_STATEMENT_SECONDS", "60s", "is '60s'; write whole seconds"),
        ("RATINGS_STATEMENT_SECONDS", "-1", "is '-1'; write whole seconds"),
        ("RATINGS_STATEMENT_SECONDS", "90000", "up to 86400"),
        ("RATINGS_HOSTS", "https://a.example", "names 'https://a.example'; write names alone"),
        ("RATINGS_HOSTS", "a.example:8000", "without https:// and port"),
        ("RATINGS_HOSTS", "a.example,", "names ''; write names alone"),
        ("RATINGS_DATA_DIR", __file__, "which is a file; name a folder."),
        ("RATINGS_SANDBOX_DIR", __file__, "which is a file; name a folder."),
        ("RATINGS_SANDBOX_IMAGE", "python:3.12", "may change; write NAME@sha256:DIGEST."),
        ("RATINGS_SANDBOX_DEVICES", "nvidia0", "names 'nvidia0'; write paths, such as /dev/nvi"),
        ("RATINGS_SANDBOX_DEVICES", "/dev/nvidia0,", "names ''; write paths"),
        ("RATINGS_PROLIFIC_TOKEN", "short", "is no token; copy it whole"),
        ("RATINGS_PROLIFIC_URL", "api.prolific.com", "is no address of a server; write an address"),
        ("RATINGS_PROLIFIC_URL", "http://a.example", "would show the token to others"),
        ("RATINGS_PROLIFIC_URL", "https://a.example/api", "is no address of a server"),
        ("RATINGS_PROLIFIC_URL", "http://[", "can't be read as an address"),
        ("RATINGS_SECRET_KEY", "short", "has 5 characters; take 50 random ones"),
        ("DATABASE_URL", "", "is empty; write postgres://USER:PASSWORD@HOST/NAME, or unset it"),
        ("DATABASE_URL", "sqlite:///site.db", "is no address of a Postgres; write postgres://"),
        ("DATABASE_URL", "postgres://host", "names no database; write postgres://"),
        ("DATABASE_URL", "postgres://a:s3/cret@host/db", "can't be read as an address; write"),
        ("DATABASE_URL_FILE", "/nowhere/url", "can't be read from /nowhere/url: No such file"),
        ("RATINGS_FILES_URL", "/srv/files", "is '/srv/files'; write file:///FOLDER, or"),
        ("RATINGS_FILES_URL", f"file://{__file__}", "which is a file; name a folder."),
        ("DATABASE_URL_FILE", os.devnull, "is to be read from /dev/null, which is empty"),
    ],
)
def test_a_wrong_value_is_named_with_its_mend(name: str, value: str, problem: str) -> None:
    (line,) = refused(**{name: value})
    assert line.startswith(name.removesuffix("_FILE"))
    assert problem in line
    assert "s3/" not in line


def test_files_lie_in_a_folder_or_a_bucket_whose_keys_are_not_shown(tmp_path: Path) -> None:
    assert read_environment({"RATINGS_FILES_URL": f"file://{tmp_path}"}).files == tmp_path
    (tmp_path / "secret").write_text("a secret\n")
    site = read_environment(
        {
            "RATINGS_FILES_URL": "s3://bucket/a/b?endpoint_url=https://store.example&region=eu-1",
            "AWS_ACCESS_KEY_ID": "me",
            "AWS_SECRET_ACCESS_KEY_FILE": str(tmp_path / "secret"),
        }
    )
    keys = Keys("me", "a secret")
    place = BucketPlace("bucket", "a/b", "https://store.example", "eu-1", keys)
    assert (site.files, str(place)) == (place, "s3://bucket/a/b")
    assert "a secret" not in repr(place)


def test_nginx_fetches_crops_from_a_bucket_alone(tmp_path: Path) -> None:
    (line,) = refused(RATINGS_NGINX_CROPS="1", RATINGS_FILES_URL=f"file://{tmp_path}")
    assert line.startswith("RATINGS_NGINX_CROPS is on; set RATINGS_FILES_URL to a bucket")
    assert read_environment({"RATINGS_NGINX_CROPS": "1", "RATINGS_FILES_URL": "s3://bucket"})


def test_every_problem_is_told_at_once() -> None:
    lines = refused(RATINGS_HTTPS="on", DATABASE_URL="mysql://host/db", RATINGS_HOSTS="a b")
    names = [line.split()[0] for line in lines]
    assert names == ["RATINGS_HTTPS", "RATINGS_HOSTS", "DATABASE_URL"]
    lines = refused(RATINGS_HOSTS="a b", RATINGS_LIMITS="foo=1/2, begin", WEB_CONCURRENCY="x")
    told = [" ".join(line.split()[:3]) for line in lines]
    assert told == [
        "RATINGS_HOSTS names 'a",
        "RATINGS_LIMITS names 'foo';",
        "RATINGS_LIMITS names 'begin=';",
        "WEB_CONCURRENCY is 'x';",
    ]


def test_hosts_may_have_spaces_between_and_be_addresses() -> None:
    site = read_environment({"RATINGS_HOSTS": "a.example, .b.example,[::1],*"})
    assert site.hosts == ["a.example", ".b.example", "[::1]", "*"]


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "url").write_text("postgres://a:b@host/db\n")
    files = {"RATINGS_SECRET_KEY_FILE": "key", "DATABASE_URL_FILE": "url"}
    site = read_environment({name: str(tmp_path / file) for name, file in files.items()})
    assert (site.secret_key, site.database_url) == (KEY, "postgres://a:b@host/db")
    (line,) = refused(RATINGS_SECRET_KEY=KEY, RATINGS_SECRET_KEY_FILE=str(tmp_path / "key"))
    assert line == "RATINGS_SECRET_KEY is set, and RATINGS_SECRET_KEY_FILE too; unset one of them."


def test_a_generated_key_is_kept_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret_key"
    key = generated_key(path)
    assert generated_key(path) == key and len(key) > 50
    assert path.stat().st_mode & 0o777 == 0o600


def test_manage_stops_with_the_lines_alone(tmp_path: Path) -> None:
    environment = os.environ | {
        "RATINGS_DATA_DIR": str(tmp_path / "site"),
        "RATINGS_HTTPS": "yes",
        "RATINGS_HOSTS": "",
    }
    ran = subprocess.run(
        [sys.executable, ROOT / "manage.py", "serve"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr == (
        "The environment is wrong:\nRATINGS_HTTPS is 'yes'; write 1 for on, 0 for off.\n"
    )
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, "http://localhost:8000"),
        ({"PORT": "9000"}, "http://localhost:9000"),
        ({"RATINGS_HOSTS": "*,.b.example,a.example", "RATINGS_HTTPS": "1"}, "https://a.example"),
        ({"RATINGS_ADDRESS": "https://a.example:8443/"}, "https://a.example:8443"),
        ({"RATINGS_HOSTS": "*"}, ""),
    ],
)
def test_the_site_says_where_it_is(variables: dict[str, str], address: str) -> None:
    assert read_environment(variables).address == address


def test_mails_need_to_lead_somewhere() -> None:
    mail = {"RATINGS_MAIL": "smtp://mail.example", "RATINGS_MAIL_FROM": "a@b.example"}
    assert refused(RATINGS_HOSTS="*", **mail)[0].startswith("RATINGS_ADDRESS is not set")
    assert read_environment({"RATINGS_HOSTS": "a.example", **mail}).address
