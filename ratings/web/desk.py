"""The organizers' pages: what needs attention, each study's progress, submissions and tokens."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.models import AccessToken, Challenge, Phase
from ratings.challenge.tokens import issue_token
from ratings.comparisons.models import Pair, Study
from ratings.ranking.models import Ranking
from ratings.submissions.models import Run, Submission
from ratings.web import progress
from ratings.web.attention import PhaseFacts, StudyFacts, matters
from ratings.web.frame import is_organizer
from ratings.web.runs import submission_lines

SUBMISSIONS_SHOWN = 100
Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


def organizers_only(view: View[Arguments]) -> View[Arguments]:
    """Ask strangers to sign in; refuse users who are no organizers. Nothing is cached."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not is_organizer(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@organizers_only
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show everything that an organizer looks at in the morning."""
    studies = [progress.progress(study) for study in desk_studies()]
    submissions = Submission.objects.all()
    page = {
        "at_desk": True,
        "matters": matters(_phase_facts(), [_study_facts(p) for p in studies], timezone.now()),
        "studies": studies,
        "submissions": submission_lines(submissions, SUBMISSIONS_SHOWN),
        "submission_count": submissions.count(),
        "tokens": AccessToken.objects.select_related("user").order_by("-created_at"),
        "token": request.session.pop("new_token", ""),
        "challenges": Challenge.objects.prefetch_related("phases").order_by("-pk"),
    }
    return render(request, "desk/desk.html", page)


@organizers_only
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Issue a token to the organizer who asks; the next page shows it, once."""
    label = request.POST.get("label", "").strip()[:100]
    if label and isinstance(request.user, User):
        request.session["new_token"] = issue_token(request.user, label)
    return redirect("/desk/#tokens")


@organizers_only
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a token; whoever uses it is a stranger from now on."""
    AccessToken.objects.filter(pk=pk).delete()
    return redirect("/desk/#tokens")


def desk_studies() -> QuerySet[Study]:
    """Return all studies as the desk lists them: open ones first, then the newest."""
    return Study.objects.select_related("phase__challenge").order_by("-is_open", "-pk")


def _phase_facts() -> list[PhaseFacts]:
    failed = Q(submissions__state=Submission.State.FAILED)
    queued = Q(submissions__state=Submission.State.QUEUED)
    phases = Phase.objects.select_related("challenge").annotate(
        failed=Count("submissions", filter=failed),
        queued_at=Min("submissions__submitted_at", filter=queued),
        waits_because=_why_decoders_wait(),
    )
    return [
        PhaseFacts(
            name=str(phase),
            opens_at=phase.opens_at,
            closes_at=phase.closes_at,
            boards_open_at=phase.boards_open_at,
            failed=phase.failed,
            oldest_queued_at=phase.queued_at,
            waits_because=phase.waits_because or "",
            url=reverse("web:desk-phase", args=[phase.challenge.slug, phase.slug]),
        )
        for phase in phases
    ]


def _why_decoders_wait() -> Subquery:
    """Return, for each phase, the fault for which no worker could run a decoder last."""
    said = Run.objects.filter(state=Run.State.WAITING, submission__phase=OuterRef("pk"))
    return Subquery(said.exclude(fault="").values("fault")[:1])


def _study_facts(figures: progress.Progress) -> StudyFacts:
    found = figures.study
    never = Pair.objects.filter(study=found, issued=0, first__active=True, second__active=True)
    return StudyFacts(
        name=found.name,
        is_open=found.is_open,
        entries=figures.entries,
        pairs_never_issued=never.count(),
        judgments=figures.judgments,
        simulated_raters=figures.simulated,
        is_ranked=Ranking.objects.filter(study=found).exists(),
        boards_open_at=found.phase.boards_open_at,
    )
