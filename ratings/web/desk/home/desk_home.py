"""The organizers' pages: what needs attention, each challenge at a glance, and tokens."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.access.permissions import Permission, may, may_anywhere, within
from ratings.challenge.access.tokens import issue_token
from ratings.challenge.models import AccessToken, Challenge, Phase
from ratings.comparisons.models import Study, UnfilledLink
from ratings.comparisons.voices.flagged_crops import paused_crops
from ratings.health.alarms import SITE, note_alarms, site_alarms
from ratings.health.site_facts import read_facts
from ratings.ranking.models import Ranking
from ratings.submissions.models import Run, Submission
from ratings.web.desk.home import study_progress
from ratings.web.desk.home.alarm_list import alarm_lines, alarms_on, alarms_over
from ratings.web.desk.home.alerts import PhaseFacts, StudyFacts, Unfilled, matters
from ratings.web.desk.home.challenge_cards import desk_cards
from ratings.web.desk.parts.guards import anywhere
from ratings.web.parts.paging import page_of

# What is listed below the cards is short: each has its own pages.
SHORT = 10
# For so long an unfilled link is told after the last visit by it.
RECENT = timedelta(hours=48)


@anywhere(Permission.ENTER)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show everything that an organizer looks at in the morning, of what the user may see."""
    now = timezone.now()
    studies = study_progress.progress_of_studies(
        list(desk_studies().filter(_readable(request, "phase__challenge__")))
    )
    phases = Phase.objects.filter(_readable(request, "challenge__"))
    found = matters(_phase_facts(phases), _study_facts(studies, now), now)
    if may(request.user, Permission.READ, None):
        # Without a worker nobody else would look.
        note_alarms(site_alarms(read_facts(now)), now, SITE)
    of_reader = _readable(request, "challenge__")
    alarms = alarms_on(of_reader)
    readable = _challenges().filter(_readable(request))
    challenges = page_of(request, readable, "challenges", SHORT)
    of_challenges = Counter(matter.challenge for matter in found)
    of_challenges.update(alarm.challenge_id for alarm in alarms if alarm.challenge_id)
    voting = _challenges().filter(within(request.user, Permission.VOTE))
    page = {
        "at_desk": True,
        "may_read": may_anywhere(request.user, Permission.READ),
        "may_make_tokens": may_anywhere(request.user, Permission.CHANGE),
        "sees_accounts": may(request.user, Permission.READ, None),
        "alarms": alarm_lines(alarms, now),
        "over": alarms_over(of_reader, now),
        "matters": found,
        "cards": desk_cards(challenges.rows, [one.study for one in studies], of_challenges, now),
        "challenges": challenges,
        "studies": page_of(request, studies, "studies", SHORT),
        "tokens": page_of(request, _tokens(request), "tokens", SHORT),
        "token": request.session.pop("new_token", ""),
        "panels": voting.exclude(pk__in=readable),
    }
    return render(request, "desk/desk.html", page)


@anywhere(Permission.CHANGE)
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Issue a token to the organizer who asks; the next page shows it, once."""
    label = request.POST.get("label", "").strip()[:100]
    if label and isinstance(request.user, User):
        request.session["new_token"] = issue_token(request.user, label)
    return redirect("/desk/#tokens")


@anywhere(Permission.CHANGE)
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a token; whoever uses it is a stranger from now on."""
    _tokens(request).filter(pk=pk).delete()
    return redirect("/desk/#tokens")


def _readable(request: HttpRequest, path: str = "") -> Q:
    return within(request.user, Permission.READ, path)


def _tokens(request: HttpRequest) -> QuerySet[AccessToken]:
    """Return the tokens that a user may revoke: their own; all as an organizer of the site."""
    tokens = AccessToken.objects.select_related("user").order_by("-created_at", "-pk")
    if may(request.user, Permission.CHANGE, None):
        return tokens
    return tokens.filter(user=request.user.pk)


def desk_studies() -> QuerySet[Study]:
    """Return all studies as the desk lists them: open ones first, then the newest."""
    ranked = Exists(Ranking.objects.filter(study=OuterRef("pk")))
    studies = Study.objects.select_related("phase__challenge").annotate(is_ranked=ranked)
    return studies.order_by("-is_open", "-pk")


def _challenges() -> QuerySet[Challenge]:
    return Challenge.objects.prefetch_related("phases", "datasets").order_by("-pk")


def _phase_facts(phases: QuerySet[Phase]) -> list[PhaseFacts]:
    failed = Q(submissions__state=Submission.State.FAILED)
    queued = Q(submissions__state=Submission.State.QUEUED)
    annotated = phases.select_related("challenge").annotate(
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
            challenge=phase.challenge_id,
        )
        for phase in annotated
    ]


def _why_decoders_wait() -> Subquery:
    """Return, for each phase, the fault for which no worker could run a decoder last."""
    said = Run.objects.filter(state=Run.State.WAITING, submission__phase=OuterRef("pk"))
    return Subquery(said.exclude(fault="").values("fault")[:1])


def _study_facts(
    studies: Sequence[study_progress.StudyProgress], now: datetime
) -> list[StudyFacts]:
    unfilled = unfilled_links([study.study for study in studies], now)
    paused = paused_crops([study.study for study in studies])
    return [
        _facts_of(study, tuple(unfilled.get(study.study.pk, ())), paused.get(study.study.pk, 0))
        for study in studies
    ]


def unfilled_links(studies: Sequence[Study], now: datetime) -> dict[int, list[Unfilled]]:
    """Return what is lately wrong with links of platforms, by study."""
    links_of_studies: dict[int, list[Unfilled]] = {}
    lately = UnfilledLink.objects.filter(study__in=studies, last_at__gt=now - RECENT)
    for link in lately.order_by("platform"):
        unfilled = Unfilled(link.platform, link.value, link.times)
        links_of_studies.setdefault(link.study_id, []).append(unfilled)
    return links_of_studies


def _facts_of(
    figures: study_progress.StudyProgress, unfilled: tuple[Unfilled, ...], paused: int
) -> StudyFacts:
    study = figures.study
    return StudyFacts(
        name=study.name,
        is_open=study.is_open,
        entries=figures.entries,
        pairs_never_issued=figures.never_issued,
        judgments=figures.judgments,
        simulated_raters=figures.simulated,
        is_ranked=study.is_ranked,  # type: ignore[attr-defined]
        boards_open_at=study.phase.boards_open_at,
        unfilled=unfilled,
        paused_crops=paused,
        voices_url=reverse("web:desk-voices", args=[study.slug]),
        url=reverse("web:desk-study", args=[study.slug]) if unfilled else "",
        challenge=study.phase.challenge_id,
    )
