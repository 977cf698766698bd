"""What differs from site to site, read from the environment: every wrong value named at once."""

import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from ratings.files_place import BucketPlace, FilesPlace, Keys, read_place
from ratings.limit_table import ActLimit, read_limits
from ratings.mail_server import MailServer, read_mail_server, read_sender
from ratings.platform_place import PROLIFIC, read_origin, read_token
from ratings.site_address import read_site_address, usual_address

# As container platforms mount them: NAME_FILE names a file that holds what NAME would.
SECRETS = (
    *("RATINGS_SECRET_KEY", "DATABASE_URL", "RATINGS_MAIL", "RATINGS_METRICS_TOKEN"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "RATINGS_PROLIFIC_TOKEN"),
)
HOST = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")
DEVICE = re.compile(r"/dev/[A-Za-z0-9][\w./-]*")
IMAGE = re.compile(r"([^\s@]+@)?sha256:[0-9a-f]{64}")
LEAST_KEY = 50  # characters, as Django's own check for deployment wants them
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{20,}")  # as a Bearer token is written
# What browsers are told to ask by HTTPS alone: the site's name, those below it too, for good.
HSTS = ("none", "host", "subdomains", "preload")
LONGEST_STATEMENT = 24 * 3600
MOST_PROCESSES = 9999
A_DATABASE = "postgres://USER:PASSWORD@HOST/NAME"

Value = TypeVar("Value")


class WrongEnvironment(Exception):
    """Variables that can't be meant; the text names each, what is wrong, and the mend."""


@dataclass(frozen=True)
class SiteEnvironment:
    """A site's variables; None where one is not set and what stands for it is found elsewhere.

    `statement_seconds` is 0 for no limit; `limits` are all of them, by name.
    """

    data_dir: Path | None
    files: FilesPlace | None
    bucket_keys: Keys
    nginx_crops: bool
    sandbox_dir: Path | None
    sandbox_image: str
    sandbox_devices: tuple[str, ...]
    secret_key: str | None
    debug: bool
    https: bool
    hosts: list[str]
    database_url: str | None
    statement_seconds: int
    mail: MailServer | None
    mail_from: str
    mail_reply_to: str
    address: str
    hooks_here: bool
    metrics_token: str
    prolific_token: str
    prolific_url: str
    log_json: bool
    hsts: str
    limits: dict[str, ActLimit]
    host: str
    port: int
    decoding_workers: int | None
    web_processes: int | None


def read_environment(variables: Mapping[str, str]) -> SiteEnvironment:
    """Return what the variables say; one that is empty is as good as not set.

    Raises WrongEnvironment with every problem. No secret is repeated there.
    """
    problems: list[str] = []

    def read(name: str, meant: Callable[[str], Value], usual: Value) -> Value:
        try:
            text = _text(variables, name)
            return meant(text) if text else usual
        except ValueError as error:
            problems.extend(f"{name} {line}" for line in str(error).splitlines())
            return usual

    bucket_keys = Keys(
        access_key_id=read("AWS_ACCESS_KEY_ID", str, ""),
        secret_access_key=read("AWS_SECRET_ACCESS_KEY", str, ""),
    )
    environment = SiteEnvironment(
        data_dir=read("RATINGS_DATA_DIR", _folder, None),
        files=read("RATINGS_FILES_URL", lambda text: read_place(text, bucket_keys), None),
        bucket_keys=bucket_keys,
        nginx_crops=read("RATINGS_NGINX_CROPS", _switch, False),
        sandbox_dir=read("RATINGS_SANDBOX_DIR", _folder, None),
        sandbox_image=read("RATINGS_SANDBOX_IMAGE", _image, ""),
        sandbox_devices=read("RATINGS_SANDBOX_DEVICES", _devices, ()),
        secret_key=read("RATINGS_SECRET_KEY", _key, None),
        debug=read("RATINGS_DEBUG", _switch, False),
        https=read("RATINGS_HTTPS", _switch, False),
        hosts=read("RATINGS_HOSTS", _hosts, ["localhost", "127.0.0.1", "[::1]"]),
        database_url=read("DATABASE_URL", _database, None),
        statement_seconds=read("RATINGS_STATEMENT_SECONDS", _seconds, 0),
        mail=read("RATINGS_MAIL", read_mail_server, None),
        mail_from=read("RATINGS_MAIL_FROM", read_sender, ""),
        mail_reply_to=read("RATINGS_MAIL_REPLY_TO", read_sender, ""),
        address=read("RATINGS_ADDRESS", read_site_address, ""),
        hooks_here=read("RATINGS_HOOKS_HERE", _switch, False),
        metrics_token=read("RATINGS_METRICS_TOKEN", _token, ""),
        prolific_token=read("RATINGS_PROLIFIC_TOKEN", read_token, ""),
        prolific_url=read("RATINGS_PROLIFIC_URL", read_origin, PROLIFIC),
        log_json=read("RATINGS_LOG_JSON", _switch, False),
        hsts=read("RATINGS_HSTS", _hsts, "host"),
        limits=read("RATINGS_LIMITS", read_limits, read_limits("")),
        host=read("HOST", _host, "127.0.0.1"),
        port=read("PORT", _whole(65535), 8000),
        decoding_workers=read("RATINGS_DECODING_WORKERS", _whole(MOST_PROCESSES), None),
        web_processes=read("WEB_CONCURRENCY", _whole(MOST_PROCESSES), None),
    )
    own = environment.hosts, environment.port
    address = environment.address or usual_address(*own, https=environment.https)
    environment = replace(environment, address=address)
    # What can't be read stands as usual, so it would be found wanting twice.
    if problems := problems or list(_lacking(environment)):
        raise WrongEnvironment("\n".join(["The environment is wrong:", *problems]))
    return environment


def _lacking(environment: SiteEnvironment) -> Iterator[str]:
    """Yield what one variable needs of another."""
    if environment.mail and not environment.mail_from:
        yield "RATINGS_MAIL_FROM is not set; say who sends what RATINGS_MAIL sends."
    if environment.nginx_crops and not isinstance(environment.files, BucketPlace):
        yield "RATINGS_NGINX_CROPS is on; set RATINGS_FILES_URL to a bucket, or unset it."
    if environment.mail and not environment.address:
        yield "RATINGS_ADDRESS is not set, and RATINGS_HOSTS names no host; mails lead there."


def generated_key(path: Path) -> str:
    """Return the key that is kept in a file, generated once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text()


def _text(variables: Mapping[str, str], name: str) -> str:
    text, file = variables.get(name, "").strip(), variables.get(f"{name}_FILE", "")
    if name not in SECRETS or not file:
        if name == "DATABASE_URL" and name in variables and not text:
            # With a database of its own instead, the site would come up as if all was lost.
            raise ValueError(f"is empty; write {A_DATABASE}, or unset it for the embedded one.")
        return text
    if text:
        raise ValueError(f"is set, and {name}_FILE too; unset one of them.")
    try:
        text = Path(file).read_text().strip()
    except OSError as error:
        raise ValueError(f"can't be read from {file}: {error.strerror}.") from error
    if not text:
        raise ValueError(f"is to be read from {file}, which is empty; write it there.")
    return text


def _folder(text: str) -> Path:
    path = Path(text).resolve()
    if path.exists() and not path.is_dir():
        raise ValueError(f"is {text!r}, which is a file; name a folder.")
    return path


def _devices(text: str) -> tuple[str, ...]:
    devices = tuple(part.strip() for part in text.split(","))
    for device in devices:
        if not DEVICE.fullmatch(device):
            raise ValueError(f"names {device!r}; write paths, such as /dev/nvidia0,/dev/nvidiactl.")
    return devices


def _image(text: str) -> str:
    if not IMAGE.fullmatch(text):
        raise ValueError(f"is {text!r}, which may change; write NAME@sha256:DIGEST.")
    return text


def _key(text: str) -> str:
    if len(text) < LEAST_KEY:
        raise ValueError(
            f"has {len(text)} characters; take {LEAST_KEY} random ones, such as those of "
            "`python -c 'import secrets; print(secrets.token_urlsafe(64))'`."
        )
    return text


def _token(text: str) -> str:
    if not TOKEN.fullmatch(text):
        raise ValueError(
            "is no token; take 20 or more random letters and digits, such as those of "
            "`python -c 'import secrets; print(secrets.token_urlsafe(32))'`."
        )
    return text


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"is {text!r}; write 1 for on, 0 for off.")
    return text == "1"


def _hosts(text: str) -> list[str]:
    hosts = [host.strip() for host in text.split(",")]
    for host in hosts:
        if not HOST.fullmatch(host):
            raise ValueError(
                f"names {host!r}; write names alone, without https:// and port, set apart by "
                "commas, such as ratings.example.org."
            )
    return hosts


def _database(text: str) -> str:
    mend = f"write {A_DATABASE}, other letters than A-Z, a-z and 0-9 of the password as %XX."
    try:
        url = urlsplit(text)
        usable = url.scheme in ("postgres", "postgresql") and (url.port or True)
    except ValueError as error:
        raise ValueError(f"can't be read as an address; {mend}") from error
    if not usable:
        raise ValueError(f"is no address of a Postgres; {mend}")
    if not url.path.strip("/") and not url.query:
        raise ValueError(f"names no database; {mend}")
    return text


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= LONGEST_STATEMENT):
        raise ValueError(
            f"is {text!r}; write whole seconds up to {LONGEST_STATEMENT}, or 0 for no limit."
        )
    return int(text)


def _whole(most: int) -> Callable[[str], int]:
    def meant(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
            raise ValueError(f"is {text!r}; write a whole number from 1 to {most}.")
        return int(text)

    return meant


def _host(text: str) -> str:
    """Return a name or an address to listen at; one of IPv6 without brackets."""
    return text.removeprefix("[").removesuffix("]")


def _hsts(text: str) -> str:
    if text not in HSTS:
        raise ValueError(f"is {text!r}; write one of: {', '.join(HSTS)}.")
    return text
