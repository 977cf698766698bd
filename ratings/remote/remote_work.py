"""A worker elsewhere at work: it takes the next run, carries it out, and delivers it."""

import json
import logging
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from urllib3.exceptions import HTTPError

from ratings.remote.run_folders import run_folder, sweep
from ratings.remote.site_client import POLL_SECONDS, Json, Lease, LeaseLost, SiteClient
from ratings.sandbox.entry_runs import EntryFiles, run_entry
from ratings.sandbox.environments.recipes import USUAL
from ratings.sandbox.heartbeats import Heartbeat
from ratings.sandbox.machine_sandboxes import MachineSandboxes
from ratings.sandbox.processors import processor_model
from ratings.sandbox.results.run_records import record_of, refusal_of
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.sandbox_errors import FileRefused, SandboxUnavailable

UNAVAILABLE_SECONDS = 60.0
LOOK_SECONDS = 60.0  # after which it looks again what it has of what the site's phases name
BEATS = 5  # of a heartbeat, within the time of a lease
STOPPED = "The worker was told to stop at once."
NOT_RENEWED = "The worker's lease could not be renewed, and it stopped the run."
_log = logging.getLogger(__name__)


class RemoteWorker:
    """A worker of one site: one run at a time, until `told` to end; `cut` ends the run too."""

    def __init__(self, site: SiteClient, sandboxes: MachineSandboxes) -> None:
        self._site, self._sandboxes = site, sandboxes
        self._sources: Sequence[str] = ()
        self._gpu, self._look_at = False, 0.0
        self.told, self.cut = Event(), Event()

    def work(self) -> None:
        """Take runs until it is told to end. Raises SiteRefused, as where its token is revoked."""
        sweep()
        while not self.told.is_set():
            try:
                pause = self._take_one()
            except SandboxUnavailable as error:
                self._sandboxes.close()
                self._look_at, pause = 0.0, UNAVAILABLE_SECONDS
                self._say(str(error))
            except HTTPError as error:
                pause = POLL_SECONDS
                _log.warning("The site can't be reached: %s", error)
            self.told.wait(pause)

    def _take_one(self) -> float:
        """Carry out the next run; return after how many seconds to ask again."""
        lease = self._site.next_lease(self._about())
        if not isinstance(lease, Lease):
            return lease
        _log.info("Carries out %s", lease.address)
        try:
            self._carry_out(lease)
            _log.info("Delivered %s", lease.address)
        except LeaseLost as lost:
            _log.warning("%s: %s", lease.address, lost)
        return 0.0

    def _about(self) -> Json:
        """Return what the site is told: what this machine has, and what a run may depend on."""
        sandbox = self._sandboxes.of(USUAL)
        if time.monotonic() >= self._look_at:
            self._look()
            self._look_at = time.monotonic() + LOOK_SECONDS
        return {
            "machine": platform.machine(),
            "processor": processor_model()[:200],
            "environment": sandbox.facts(),
            "sources": self._sources,
            "gpu": self._gpu,
        }

    def _look(self) -> None:
        """Learn what can be used here, by trying it: a run that is leased in vain is an attempt."""
        here = self._sandboxes.sources(self._site.named_images())
        self._gpu = self._sandboxes.has_gpu and self._opens(USUAL, gpu=True)
        self._sources = [source for source in here if self._opens(source, gpu=self._gpu)]

    def _opens(self, source: str, *, gpu: bool) -> bool:
        try:
            self._sandboxes.of(source, gpu=gpu)
        except SandboxUnavailable as error:
            self._say(str(error))
            return False
        return True

    def _carry_out(self, lease: Lease) -> None:
        """Fetch, run and deliver. What goes wrong here gives the run to another worker."""
        beat = Heartbeat(lambda log: self._site.renew(lease, log), lease.seconds / BEATS)
        with run_folder() as made, beat:
            try:
                entry = _fetched(self._site, lease, made)
                result = self._made(lease, entry, made, beat)
                # What was stopped half-way says nothing of the decoder.
                if self.cut.is_set():
                    self._site.release(lease, STOPPED)
                elif not beat.keep_going():
                    self._site.release(lease, NOT_RENEWED)
                else:
                    _deliver(self._site, lease, result, made)
            except (LeaseLost, HTTPError):
                raise
            except Exception as error:
                self._site.release(lease, f"{type(error).__name__}: {error}"[:1000])
                raise

    def _made(
        self, lease: Lease, entry: EntryFiles, folder: Path, beat: Heartbeat
    ) -> RunResult | FileRefused:
        try:
            return run_entry(
                entry,
                folder,
                self._sandboxes.of(lease.source, gpu=lease.gpu),
                self._sandboxes.machine(lease.source),
                lease.limits,
                log=beat.write,
                keep_going=lambda: beat.keep_going() and not self.cut.is_set(),
                world=lease.world,
            )
        except FileRefused as refused:
            return refused

    def _say(self, fault: str) -> None:
        _log.warning("No decoder can be run here: %s", fault)
        self._site.tell_fault(fault[:1000])


def _fetched(site: SiteClient, lease: Lease, folder: Path) -> EntryFiles:
    """Download an entry. Names of ours are on the files: the site's are for the decoder alone."""
    sent = folder / "sent"
    sent.mkdir()
    site.fetch_decoder(lease, sent / "decoder")
    bitstreams = {}
    for number, file in enumerate(lease.bitstreams):
        bitstreams[file["name"]] = sent / str(number)
        site.fetch_bitstream(lease, file, sent / str(number))
    return EntryFiles(sent / "decoder", bitstreams)


def _deliver(site: SiteClient, lease: Lease, made: RunResult | FileRefused, folder: Path) -> None:
    """Send the pictures that the site takes, one by one, and then the record that names them."""
    if isinstance(made, RunResult):
        for name, output in made.first_outputs(lease.most_bytes).items():
            if output.size_bytes <= lease.most_bytes[name]:
                site.send_picture(lease, name, output.file)
    told = refusal_of(made) if isinstance(made, FileRefused) else record_of(made)
    record = folder / "record"
    record.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    site.send_record(lease, record)
