"""The desk's page on a study's invitations: links for one person or a group."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Invitation, Study
from ratings.comparisons.protocol import OwnParameter
from ratings.comparisons.raters.rater_groups import checked_group, set_group
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.desk_charts import meter
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.base_context import rate_url
from ratings.web.parts.drawing.charts import Svg
from ratings.web.parts.paging import page_of

MOST_RATERS = 100_000


@dataclass(frozen=True)
class InvitationLine:
    """One link with its use: so many raters of the most that may come by it."""

    invitation: Invitation
    url: str
    used: int
    # As it stands, or as it was typed and refused.
    group: str
    problem: str

    @property
    def meter(self) -> Svg:
        """How much of it is used, as a bar."""
        return meter(self.used / self.invitation.most_raters)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest, slug: str) -> HttpResponse:
    """List the links and their use; make one."""
    study = get_object_or_404(desk_studies(), slug=slug)
    problem = ""
    if request.method == "POST":
        problem = _make(request, study)
        if not problem:
            return redirect("web:desk-invitations", slug)
    return _page(request, study, problem)


def _page(
    request: HttpRequest, study: Study, problem: str, regrouped: int | None = None
) -> HttpResponse:
    """Return the page, a problem beside the link with the id `regrouped`, or where one is made."""
    shown = page_of(request, _links(study))
    page = {
        "study": study,
        "page": shown,
        "invitations": _lines(request, study, shown.rows, problem, regrouped),
        "is_open": study.protocol.recruiting.open,
        "open_url": request.build_absolute_uri(rate_url(study)),
        "problem": "" if regrouped else problem,
        "asked": {} if regrouped else request.POST,
    }
    return render(request, "desk/invitations.html", page, status=400 if problem else 200)


@desk_page
@require_POST
def regroup(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say of which group those are who came, and come, by a link; the study is ranked anew."""
    invitation = get_object_or_404(Invitation, study__slug=slug, pk=pk)
    try:
        set_group(invitation, request.POST.get("group", ""))
    except Refused as refused:
        return _page(request, invitation.study, str(refused), pk)
    return redirect("web:desk-invitations", slug)


@desk_page
@require_POST
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Close a link to new raters; those who came by it may go on."""
    links = Invitation.objects.filter(study__slug=slug, revoked_at=None)
    get_object_or_404(Invitation, study__slug=slug, pk=pk)
    links.filter(pk=pk).update(revoked_at=timezone.now())
    return redirect("web:desk-invitations", slug)


def _make(request: HttpRequest, study: Study) -> str:
    """Make a link as the form says; return what is wrong with the form, if anything."""
    label = request.POST.get("label", "").strip()
    most = request.POST.get("most_raters", "").strip()
    if not label or len(label) > 100:
        return "Say whom the link is for, in at most 100 characters."
    is_number = most.isascii() and most.isdecimal() and len(most) <= len(str(MOST_RATERS))
    if not is_number or not 1 <= int(most) <= MOST_RATERS:
        return f"How many may come by it is a whole number from 1 to {MOST_RATERS:,}."
    try:
        group = checked_group(request.POST.get("group", ""))
    except Refused as refused:
        return str(refused)
    by = request.user if isinstance(request.user, User) else None
    Invitation.objects.create(
        study=study, label=label, group=group, most_raters=int(most), created_by=by
    )
    return ""


def _links(study: Study) -> QuerySet[Invitation]:
    """Return the study's links, those that may be used first, the newest before others."""
    made = study.invitations.select_related("created_by").annotate(used=Count("raters"))
    return made.order_by(F("revoked_at").desc(nulls_first=True), "-created_at", "-pk")


def _lines(
    request: HttpRequest,
    study: Study,
    links: Sequence[Invitation],
    problem: str,
    regrouped: int | None,
) -> list[InvitationLine]:
    address = f"{request.build_absolute_uri(rate_url(study))}?{OwnParameter.INVITATION}="
    typed = request.POST.get("group", "")
    return [
        InvitationLine(
            invitation,
            f"{address}{invitation.token}",
            vars(invitation)["used"],
            typed if invitation.pk == regrouped else invitation.group,
            problem if invitation.pk == regrouped else "",
        )
        for invitation in links
    ]
