"""What `doctor` looks at: each check says in one line what it found, and the mend."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from ratings.database.base import is_pooled
from ratings.health.complaints import complaints
from ratings.health.readiness import (
    MOST_CLOCK_DIFFERENCE,
    clock_problem,
    files_problem,
    least_difference,
)
from ratings.health.site_facts import SiteFacts, read_facts
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.self_test import open_sandbox
from ratings.storage.root import bucket, place
from ratings.storage.site_store import the_bucket
from ratings.storage.store import StoreAway, StoreRefused
from ratings.submissions.runs.site_sources import machine_sandboxes

WELL, NOTE, WRONG = "ok", "note", "wrong"
AWAY = (DatabaseError, InterfaceError, ImproperlyConfigured)
LOCAL = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True)
class Checkup:
    """What a check found: `state` is WELL, NOTE (a choice to know of) or WRONG."""

    about: str
    state: str
    words: str


def examine() -> Iterator[Checkup]:
    """Yield a finding of each check; those that ask the database only where it answers."""
    database = _database()
    yield database
    if database.state != WRONG:
        yield _migrations()
        yield _checked("clock", clock_problem, _clock)
        yield _checked("files", files_problem, lambda: f"{place()} is the site's")
        if bucket():
            yield _bucket()
        yield from _figures()
    for check in (_sandbox, _mail, _static_files, _secret_key, _hosts, _https):
        yield check()


def _checked(about: str, problem: Callable[[], str], well: Callable[[], str]) -> Checkup:
    words = problem()
    return Checkup(about, WRONG, words) if words else Checkup(about, WELL, well())


def _database() -> Checkup:
    """Connect, which also refuses a server that may lose what it has acknowledged."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (version,) = cursor.fetchone()
        by = "behind a pooler" if is_pooled() else "durable"
        kind = "embedded" if settings.EMBEDDED_POSTGRES else "DATABASE_URL"
        return Checkup("database", WELL, f"PostgreSQL {version} ({kind}), {by}")
    except AWAY as error:
        words = " ".join(str(error).split())
        mend = "See that it runs, and that DATABASE_URL names it."
        return Checkup("database", WRONG, f"{words} {mend}")


def _migrations() -> Checkup:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        words = f"{len(waiting)} are not applied. Run manage.py migrate."
        return Checkup("migrations", WRONG, words)
    return Checkup("migrations", WELL, "all are applied")


def _clock() -> str:
    return "agrees with the database's"


def _bucket() -> Checkup:
    began = time.monotonic()
    try:
        written_at = the_bucket().probe()
    except StoreRefused as error:
        mend = "Let the keys read, write, list and delete there."
        return Checkup("bucket", WRONG, f"{error} {mend}")
    except StoreAway as error:
        mend = "Mend RATINGS_FILES_URL, or let this machine reach the store."
        return Checkup("bucket", WRONG, f"{error} {mend}")
    # Its clock is told in whole seconds.
    took = timedelta(seconds=time.monotonic() - began + 1)
    if abs(least_difference(timezone.now(), took, written_at)) > MOST_CLOCK_DIFFERENCE:
        words = "Its clock is another than this machine's, and it refuses what is signed too early"
        return Checkup("bucket", WRONG, f"{words} or late. Let NTP set both.")
    return Checkup("bucket", WELL, "was written, read and deleted in; its clock agrees")


def _figures() -> Iterator[Checkup]:
    try:
        facts = read_facts(timezone.now())
    except AWAY as error:  # tables that are not there yet
        yield Checkup("workers", WRONG, f"can't be asked: {' '.join(str(error).split())}")
        return
    wrong = complaints(facts)
    for about, words in _in_words(facts).items():
        said = wrong[about].words if about in wrong else words
        yield Checkup(about, WRONG if about in wrong else WELL, said)


def _in_words(facts: SiteFacts) -> dict[str, str]:
    queues = ", ".join(f"{queue.name} {queue.waiting}" for queue in facts.queues)
    gibibytes = f"{facts.disk.free / 2**30:.1f} of {facts.disk.total / 2**30:.1f} GiB"
    return {
        "workers": f"{facts.workers_alive} alive, {facts.workers_dead} silent",
        "queues": f"jobs that wait: {queues}" if queues else "nothing waits",
        "environments": "a worker has each that phases name",
        "rankings": f"of {len(facts.ranking_ages)} open studies, all up to date",
        "disk": f"{gibibytes} are free",
        "connections": f"{facts.connections} of {facts.most_connections} are taken",
    }


def _sandbox() -> Checkup:
    try:
        open_sandbox(settings.SANDBOX_DIR, image=settings.SANDBOX_IMAGE)
    except SandboxUnavailable as error:
        return Checkup("sandbox", WRONG, f"Decoders will wait here: {error}")
    here = ", ".join(machine_sandboxes().sources(()))
    return Checkup("sandbox", WELL, f"hostile programs were tried, and held; here are: {here}")


def _mail() -> Checkup:
    if not settings.EMAIL_HOST:
        words = "RATINGS_MAIL is not set: lost passwords are renewed by organizers"
        return Checkup("mail", NOTE, words)
    try:
        with get_connection():
            return Checkup("mail", WELL, f"{settings.EMAIL_HOST} takes mail")
    except (OSError, SMTPException) as error:
        mend = "Mend RATINGS_MAIL, or let this machine reach the server."
        return Checkup("mail", WRONG, f"{settings.EMAIL_HOST}: {error}. {mend}")


def _static_files() -> Checkup:
    if (settings.STATIC_ROOT / settings.STATIC_MANIFEST).exists():
        return Checkup("static files", WELL, f"collected in {settings.STATIC_ROOT}")
    words = f"{settings.STATIC_ROOT} lacks them. Run manage.py collectstatic --noinput."
    return Checkup("static files", WRONG, words)


def _secret_key() -> Checkup:
    file = settings.DATA_DIR / "secret_key"
    if not file.exists() or file.read_text() != settings.SECRET_KEY:
        return Checkup("secret key", WELL, "from the environment")
    if file.stat().st_mode & 0o077:
        return Checkup("secret key", WRONG, f"Others may read {file}. Run chmod 600 {file}.")
    return Checkup("secret key", WELL, f"{file}, for its owner alone")


def _hosts() -> Checkup:
    hosts = ", ".join(settings.ALLOWED_HOSTS)
    if "*" in settings.ALLOWED_HOSTS:
        words = "RATINGS_HOSTS is *: links in mails would lead wherever a request says. Name hosts."
        return Checkup("hosts", WRONG, words)
    if settings.HTTPS and set(settings.ALLOWED_HOSTS) <= LOCAL:
        words = f"RATINGS_HOSTS names only {hosts}, and RATINGS_HTTPS is on. Name the public host."
        return Checkup("hosts", WRONG, words)
    return Checkup("hosts", WELL, hosts)


def _https() -> Checkup:
    if settings.DEBUG:
        words = "RATINGS_DEBUG is on: visitors see tracebacks. Unset it."
        return Checkup("https", WRONG, words)
    if settings.HTTPS:
        return Checkup("https", WELL, "cookies are Secure, HSTS is sent")
    words = "RATINGS_HTTPS is off: set it to 1 where TLS ends at a proxy in front"
    return Checkup("https", NOTE if set(settings.ALLOWED_HOSTS) <= LOCAL else WRONG, words)
