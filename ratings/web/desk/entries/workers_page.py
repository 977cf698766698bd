"""The desk's page of workers that run decoders: what each told last, and tokens for more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.refusals import Refused
from ratings.submissions.models import Run, Worker
from ratings.submissions.runs import workers
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of
from ratings.web.parts.words.formatting import Moment, moment

NEW_TOKEN = "new_worker_token"  # in the session, until the next page has shown it


@dataclass(frozen=True)
class WorkerLine:
    """A worker, in what state it is, and what it runs now."""

    worker: Worker
    state: str
    heard: Moment | None
    runs: list[Run]

    @property
    def is_elsewhere(self) -> bool:
        """Whether it reaches the site by a token."""
        return self.worker.token_sha256 is not None

    @property
    def bad(self) -> bool:
        """Whether somebody should look after it."""
        return self.state == "silent"


@desk_page
@require_safe
def worker_list(request: HttpRequest) -> HttpResponse:
    """List the workers, and show a token that was made just now."""
    return _page(request)


@desk_page
@require_POST
def add_worker(request: HttpRequest) -> HttpResponse:
    """Make a token for a worker elsewhere; the next page shows it, once."""
    name, by = request.POST.get("name", ""), request.user.get_username()
    try:
        request.session[NEW_TOKEN] = workers.add_worker(name, by, timezone.now())
    except Refused as refused:
        return _page(request, refused.problems)
    return redirect("web:workers")


@desk_page
@require_POST
def revoke_worker(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a worker's token: its requests are a stranger's from now on."""
    try:
        if "confirm" not in request.POST:
            raise Refused("worker", "Tick that the run it carries out may end.")
        workers.revoke_worker(pk, request.user.get_username(), timezone.now())
    except Refused as refused:
        return _page(request, refused.problems)
    return redirect("web:workers")


def _page(request: HttpRequest, problems: list[str] | None = None) -> HttpResponse:
    shown, now = page_of(request, workers.known_workers()), timezone.now()
    running = _running(shown.rows)
    page = {
        "page": shown,
        "lines": [_line(worker, running.get(worker.pk, []), now) for worker in shown.rows],
        "token": request.session.pop(NEW_TOKEN, ""),
        "site": request.build_absolute_uri(reverse("web:home")).rstrip("/"),
        "problems": problems or [],
        "asked": request.POST,
    }
    return render(request, "desk/workers.html", page, status=422 if problems else 200)


def _line(worker: Worker, runs: list[Run], now: datetime) -> WorkerLine:
    told = [worker.heard_at, *(run.heartbeat_at for run in runs)]
    at = max((at for at in told if at), default=None)
    heard = moment(at, UTC) if at else None
    return WorkerLine(worker, _state(worker, runs, now), heard, runs)


def _state(worker: Worker, runs: list[Run], now: datetime) -> str:
    if worker.revoked_at:
        return "revoked"
    if runs:
        return "runs a decoder"
    if worker.token_sha256 is None:
        return "at this site"
    if worker.heard_at is None:
        return "not heard of yet"
    return "waits for a run" if now - worker.heard_at < workers.SILENT else "silent"


def _running(shown: Sequence[Worker]) -> dict[int, list[Run]]:
    """Return the runs that are carried out just now, by worker."""
    alive = Q(heartbeat_at__gt=timezone.now() - workers.SILENT) | Q(delivered_at__isnull=False)
    running = Run.objects.filter(alive, worker__in=shown, state=Run.State.RUNNING)
    by_worker: dict[int, list[Run]] = {}
    for run in running.select_related("submission__team", "submission__phase").order_by("pk"):
        by_worker.setdefault(run.worker_id or 0, []).append(run)
    return by_worker
