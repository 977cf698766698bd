"""One run of a decoder by a worker of the site, from its lease to its end.

The worker claims the run's lease, runs the entry in its sandbox with a heartbeat, and judges what
came of it.
"""

import logging
from pathlib import Path

from django.conf import settings

from ratings.sandbox.entry_runs import EntryFiles, decoding_machine, run_entry
from ratings.sandbox.machine_sandboxes import MachineSandboxes
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandbox_errors import FileRefused, SandboxUnavailable
from ratings.sandbox.sandboxes import Sandbox
from ratings.sandbox.worlds import WORLDS
from ratings.storage.shelves import CONTENT
from ratings.submissions.models import Run
from ratings.submissions.runs.concluding import Clock, Score, judge
from ratings.submissions.runs.elsewhere import bitstreams_of
from ratings.submissions.runs.heartbeat import run_heartbeat
from ratings.submissions.runs.lease import LeaseHeld, claim, release, require_ended
from ratings.submissions.runs.work_folders import work_folder
from ratings.submissions.runs.workers import note, this_machine

_log = logging.getLogger(__name__)


def carry_out(run_id: int, sandboxes: MachineSandboxes, now: Clock, score: Score) -> None:
    """Carry out a run, if it still has to be; `score` is called as `judge` says.

    Raises LeaseHeld where another worker carries it out, and what went wrong here (such as
    SandboxUnavailable) where the run is to be tried again.
    """
    attempt, worker = None, this_machine(now())
    try:
        waiting = Run.objects.only("source", "gpu").get(pk=run_id)
        sandbox = sandboxes.of(waiting.source, gpu=waiting.gpu)
        if run := claim(run_id, now(), worker):
            attempt = run.attempt
            execute(run, sandbox, now, score)
        require_ended(run_id)
    except LeaseHeld:
        raise
    except Exception as error:
        unforeseen = not isinstance(error, SandboxUnavailable)
        _log.warning("Run %s can't be carried out: %s", run_id, error, exc_info=unforeseen)
        note(worker.pk, now(), str(error))
        if release(run_id, attempt, str(error), now()):
            raise


def execute(run: Run, sandbox: Sandbox, now: Clock, score: Score) -> None:
    """Execute a run that was claimed, and conclude it as `judge` does. Raises SandboxUnavailable.

    The lease is held until the run has ended: judging and storing take time too. A run that was
    stopped since nothing renews its lease is left to another worker.
    """
    with work_folder(run) as folder, run_heartbeat(run, now) as heartbeat:
        made: RunResult | FileRefused
        try:
            made = run_entry(
                _entry(run, folder),
                folder,
                sandbox,
                decoding_machine(run.source, settings.SANDBOX_IMAGE),
                Limits.from_record(run.limits),
                log=heartbeat.write,
                keep_going=heartbeat.keep_going,
                world=WORLDS[run.world],
            )
        except FileRefused as refused:
            made = refused
        if heartbeat.keep_going():
            judge(run, made, now, score)


def _entry(run: Run, folder: Path) -> EntryFiles:
    """Return the entry's files, of which `folder` holds a link or a copy each."""
    sent = folder / "sent"
    sent.mkdir()
    bitstreams = bitstreams_of(run).values_list("name", "sha256")
    return EntryFiles(
        CONTENT.link(run.submission.decoder.sha256, sent),
        {name: CONTENT.link(sha256, sent) for name, sha256 in bitstreams},
    )
