"""Whatever is sent, replaced, closed, freed or killed: no row without its file, and in the end no
file without a row."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ratings.challenge.models import Challenge, Original, Team
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.study import cropping, entries
from ratings.comparisons.study.crop_mending import make_lacking
from ratings.imaging.pixels import decode_checked, encode_png, read_header
from ratings.jobs.upkeep import free_expired
from ratings.storage import content_store
from ratings.storage.deletion import GRACE, delete_due, hold, note_leftovers
from ratings.storage.models import Leftover
from ratings.storage.shelves import CONTENT
from ratings.submissions.intake import closing, ingest
from ratings.submissions.intake.slots import Kind
from ratings.submissions.models import Submission
from tests.builders import (
    NOW,
    build_dataset,
    build_original,
    build_phase,
    build_rgb,
    build_team,
)
from tests.comparisons.builders import CHECKED, build_study

pytestmark = pytest.mark.django_db(transaction=True)
PICTURES = [encode_png(build_rgb(seed=seed)) for seed in range(3)]
# A text that is a decoder is a bitstream too: one file may have many reasons.
PROGRAMS = [b"#!/bin/sh\n", b"#!/bin/bash\n"]
PATHS = ["decoded/a.png", "decoded/b.png", "bitstreams/a.bits", "bitstreams/b.bits", "decoder"]
# Written down here once more: what the models say is compared with it.
COLUMNS = {
    ("ratings_original", "sha256"): "",
    ("ratings_original", "samples_sha256"): "",
    ("ratings_bitstream", "sha256"): "",
    ("ratings_bundle", "sha256"): "",
    ("ratings_decodedimage", "sha256"): "",
    ("ratings_decoder", "sha256"): "",
    ("ratings_delivery", "sha256"): "",
    ("ratings_factsheet", "sha256"): "",
    ("ratings_cropversion", "address"): "crops",
}


def named() -> set[Path]:
    """Return the file of each row that names one."""
    paths = set()
    with connection.cursor() as cursor:
        for (table, column), folder in COLUMNS.items():
            cursor.execute(f"SELECT {column} FROM {table}")
            suffix = ".webp" if folder else ""
            root = Path(default_storage.path(folder))
            paths |= {root / name[:2] / f"{name}{suffix}" for (name,) in cursor.fetchall()}
    return paths


def on_disk() -> set[Path]:
    return {path for path in Path(default_storage.path("")).rglob("*") if path.is_file()}


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed(when: str) -> Iterator[None]:
    """Let a process die before its transaction is committed, or right after, if `when` says so."""
    try:
        with transaction.atomic():
            yield
            if when == "before":
                raise Killed
            if when == "after":
                connection.run_on_commit.clear()
    except Killed:
        pass


def content_of(path: str, number: int) -> bytes:
    kind, _, _ = path.partition("/")
    contents = {"decoded": PICTURES, "decoder": PROGRAMS}.get(kind, PICTURES + PROGRAMS)
    return contents[number % len(contents)]


def put(submission: Submission, path: str, chunks: Iterable[bytes], at: datetime) -> None:
    kind, _, name = path.partition("/")
    ingest.put(submission, cast(Kind, kind), name or kind, chunks, received_at=at)


def cut_off(content: bytes) -> Iterator[bytes]:
    yield content[:5]
    raise Killed


KILLS = st.sampled_from(["", "", "", "before", "after"])


class Site(RuleBasedStateMachine):
    """A site with two teams, whose clock the rules move on."""

    now: datetime

    @initialize(days=st.sampled_from([2, 40, 4000]))
    def begin(self, days: int) -> None:
        """Open a phase with two pictures, and a study of it with checks."""
        self.now = NOW
        self.phase = build_phase(names=[], closes_at=NOW + timedelta(days=days))
        self.dataset = self.phase.datasets.get()
        for number, name in enumerate(("a.png", "b.png")):
            build_original(self.dataset, build_rgb(seed=number), name=name)
        self.spare = build_dataset(self.phase.challenge)
        self.teams = [build_team(self.phase.challenge) for _ in range(2)]
        self.study = build_study(self.phase, protocol=CHECKED)

    def teardown(self) -> None:
        """Wait until all has had its time: nothing is left that no row names."""
        try:
            note_leftovers(self.now)
            delete_due(self.now + GRACE)
            assert on_disk() == named()
        finally:
            for kind in (Study, Submission, Team, Challenge, Leftover):
                kind.objects.all().delete()
            shutil.rmtree(default_storage.path(""))

    def submissions(self, *states: str) -> list[Submission]:
        matching = self.phase.submissions.filter(state__in=states)
        return list(matching.order_by("created_at", "method").select_related("team"))

    @rule(
        data=st.data(),
        path=st.sampled_from(PATHS),
        number=st.integers(0, 5),
        kill=KILLS,
    )
    def send(self, data: st.DataObject, path: str, number: int, kill: str) -> None:
        """Send one file of an open submission, in the place of any before."""
        submission = self.open_one(data)
        with suppress(Refused), killed(kill):
            put(submission, path, [content_of(path, number)], self.now)

    @rule(data=st.data(), path=st.sampled_from(PATHS))
    def cut_upload(self, data: st.DataObject, path: str) -> None:
        """Lose the connection, or the process, while a file arrives."""
        submission = self.open_one(data)
        with suppress(Killed, Refused):
            put(submission, path, cut_off(content_of(path, 0)), self.now)

    def open_one(self, data: st.DataObject) -> Submission:
        team = data.draw(st.sampled_from(self.teams))
        own = [submission for submission in self.submissions("open") if submission.team == team]
        is_new = not own or not data.draw(st.booleans())
        if not is_new:
            return data.draw(st.sampled_from(own))
        return Submission.objects.create(
            phase=self.phase, team=team, method="m", created_at=self.now
        )

    @rule(data=st.data(), number=st.integers(0, 5))
    def send_all_and_close(self, data: st.DataObject, number: int) -> None:
        """Send all that is needed and close: what waited is superseded."""
        submission = self.open_one(data)
        with suppress(Refused):
            for path in PATHS:
                put(submission, path, [content_of(path, number)], self.now)
            closing.submit(submission.pk, self.now)

    @precondition(lambda self: self.submissions("queued"))
    @rule(data=st.data(), scored=st.booleans(), kill=KILLS)
    def end(self, data: st.DataObject, scored: bool, kill: str) -> None:
        """Crop a submission's pictures for the study; then it is scored, or it fails."""
        submission = data.draw(st.sampled_from(self.submissions("queued")))
        with killed(kill):
            entry = entries.enter_submission(self.study, submission)
            for image in submission.decoded_images.all()[: 2 if scored else 1]:
                png = content_store.load(image.sha256)
                rgb = decode_checked(png, read_header(png))
                cropping.make_versions(self.study, entry, image.original, rgb)
            if scored:
                closing.mark_scored(submission, self.now)
                entries.set_active(self.study, self.submissions("scored"))
            else:
                closing.mark_failed(submission, ["It failed."], self.now)

    @precondition(lambda self: self.submissions("open"))
    @rule(data=st.data(), kill=KILLS)
    def delete_open(self, data: st.DataObject, kill: str) -> None:
        """Delete an open submission."""
        submission = data.draw(st.sampled_from(self.submissions("open")))
        with killed(kill):
            ingest.delete_open(submission.pk, self.now)

    @rule(number=st.integers(0, 2), kill=KILLS)
    def load_picture(self, number: int, kill: str) -> None:
        """Load a picture into a data set that no phase has; it may be the one that was sent."""
        rgb = build_rgb(seed=number)
        png, samples = content_store.store(PICTURES[number]), content_store.store(rgb.tobytes())
        facts: dict[str, Any] = {"width": 8, "height": 6, "size_bytes": 1, "crc32": 0}
        facts |= {"sha256": png, "samples_sha256": samples}
        with killed(kill):
            hold(CONTENT, [png, samples])
            Original.objects.update_or_create(dataset=self.spare, name="c.png", defaults=facts)

    @rule()
    def drop_pictures(self) -> None:
        """Drop the pictures of that data set."""
        self.spare.originals.all().delete()

    @rule(hours=st.sampled_from([1, 23, 25, 24 * 31]))
    def wait(self, hours: int) -> None:
        """Let time pass."""
        self.now += timedelta(hours=hours)

    @rule(kill=st.sampled_from(["", "", "before"]))
    def free(self, kill: str) -> None:
        """Do what the site's jobs do; now and then they are killed."""
        with killed(kill):
            free_expired(self.now)
            note_leftovers(self.now)
        with killed(kill):
            delete_due(self.now)

    @rule(
        data=st.data(),
        path=st.sampled_from(PATHS),
        number=st.integers(0, 5),
        rolls_back=st.booleans(),
    )
    def free_while_a_file_is_named(
        self, data: st.DataObject, path: str, number: int, rolls_back: bool
    ) -> None:
        """Free, days long, while another process has stored a file and not yet named it."""
        submission = self.open_one(data)
        stored, go_on = Event(), Event()

        def send() -> None:
            try:
                with suppress(Refused), killed("before" if rolls_back else ""):
                    try:
                        put(submission, path, [content_of(path, number)], self.now)
                    finally:
                        stored.set()
                        go_on.wait()
            finally:
                connection.close()

        other = Thread(target=send)
        other.start()
        stored.wait()
        at = self.now
        try:
            for _ in range(3):
                self.free_at(at)
                at += GRACE
        finally:
            go_on.set()
            other.join()
        self.now = at

    def free_at(self, at: datetime) -> None:
        """Free at an instant, but give up where what is noted waits for another process."""
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        try:
            note_leftovers(at)
            delete_due(at)
        except OperationalError:
            pass
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    @precondition(lambda self: self.study.crops.exists())
    @rule(data=st.data())
    def lose_power(self, data: st.DataObject) -> None:
        """Lose crops; they are made again, the same bytes at the same addresses."""
        crops = sorted(path for path in named() if "crops" in path.parts)
        gone = data.draw(st.lists(st.sampled_from(crops), min_size=1, unique=True))
        before = {path: path.read_bytes() for path in crops}
        for path in gone:
            path.unlink()
        make_lacking(self.study, [])
        assert {path: path.read_bytes() for path in crops} == before

    @invariant()
    def each_row_has_its_file(self) -> None:
        """No row without its file."""
        assert named() <= on_disk()

    @invariant()
    def contents_are_what_they_are_called(self) -> None:
        """A file that is there is whole."""
        for path in on_disk():
            if not path.suffix:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name

    @invariant()
    def what_was_scored_is_all_there(self) -> None:
        """Nothing that a board may rest on is freed."""
        for submission in self.submissions("scored", "queued"):
            assert submission.decoded_images.count() == 2
            assert submission.freed_at is None


@pytest.mark.slow
def test_rows_and_files_agree_whatever_happens() -> None:
    how = settings(
        max_examples=8,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Site, settings=how)
