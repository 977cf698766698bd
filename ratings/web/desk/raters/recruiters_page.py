"""The desk's page on recruiters: places and money, who waits, why it stopped, and what to order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.refusals import Refused
from ratings.comparisons.models import RecruiterAct, Recruitment, Study
from ratings.comparisons.raters.privacy import find_rater
from ratings.comparisons.raters.recruiting_links import recruiting_links
from ratings.comparisons.study.recruiter_keys import (
    RecruiterKind,
    RecruiterTable,
    recruiter_of,
    recruiters_of,
)
from ratings.psychometrics.design.projection import Projection
from ratings.ranking.fits.remaining_judgments import study_outlook
from ratings.recruiters import recruiter_orders as orders
from ratings.recruiters.platform_trouble import Status
from ratings.recruiters.recruiter_acts import bonuses_cost, rules_of
from ratings.recruiters.recruiting_rules import affordable
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.desk_charts import meter
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.base_context import rate_url
from ratings.web.parts.drawing.charts import Svg
from ratings.web.parts.words.formatting import Moment, count, moment

ACTS_SHOWN = 20
AMOUNT = re.compile(r"(\d{1,4})(?:[.,](\d{2}))?")
States = Recruitment.State


@dataclass(frozen=True)
class ActLine:
    """One act: when it was ordered, of what, by whom, and what came of it."""

    act: RecruiterAct
    when: Moment
    what: str


@dataclass(frozen=True)
class RecruiterLine:
    """A recruiter of the study: its figures as they stand there, and what can be ordered."""

    table: RecruiterTable
    row: Recruitment | None
    state: str
    under_way: str
    figures: tuple[tuple[str, str, str], ...]
    spent: Svg
    cost: str
    forecast: str
    buttons: tuple[tuple[str, str, str], ...]
    waiting: tuple[dict[str, str], ...]
    payable: int
    acts: tuple[ActLine, ...]
    unclear: tuple[ActLine, ...]
    seen: Moment | None
    retried: Moment | None


@desk_page
@require_safe
def recruiters(request: HttpRequest, slug: str) -> HttpResponse:
    """Show each recruiter of a study."""
    return _page(request, get_object_or_404(desk_studies(), slug=slug))


@desk_page
@require_POST
def order_of_recruiter(request: HttpRequest, slug: str, platform: str, what: str) -> HttpResponse:
    """Order something of a recruiter; who carries it out is a worker."""
    study = get_object_or_404(desk_studies(), slug=slug)
    if recruiter_of(study, platform) is None:
        raise Http404
    try:
        _order(request, study, platform, what)
    except Refused as refused:
        return _page(request, study, platform, str(refused))
    return redirect("web:desk-recruiters", slug)


def _order(request: HttpRequest, study: Study, platform: str, what: str) -> None:
    by, now, told = request.user.get_username(), timezone.now(), request.POST
    if what == "draft":
        address = request.build_absolute_uri(rate_url(study))
        links = {one.platform.slug: one.url for one in recruiting_links(study, address)}
        orders.make_draft(study, platform, links.get(platform, ""), by, now)
        return
    row = get_object_or_404(Recruitment, study=study, platform=platform)
    if what in orders.HOLDS:
        orders.HOLDS[what](row, by, now)
    elif what == "decide":
        kind, submission = told.get("kind", ""), told.get("submission", "")
        orders.decide(row, kind, submission, told.get("note", ""), by, now)
    elif what == "bonus":
        _give_bonus(row, told, by, now)
    elif what == "settle":
        act = get_object_or_404(row.acts, pk=_number(told.get("act", "")))
        orders.settle_bonus(act, told.get("paid") == "yes", by, now)
    else:
        raise Http404


def _give_bonus(row: Recruitment, told: Mapping[str, str], by: str, now: datetime) -> None:
    amount = AMOUNT.fullmatch(told.get("amount", "").strip())
    if amount is None:
        raise Refused("amount", "Write the bonus as 1 or 1.50.")
    rater = find_rater(row.study, told.get("rater", "").strip())
    if rater is None:
        raise Refused("rater", "There is no such rater in this study.")
    pence = 100 * int(amount[1]) + int(amount[2] or 0)
    orders.give_bonus(row, rater, pence, told.get("note", ""), by, now)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _page(
    request: HttpRequest, study: Study, platform: str = "", problem: str = ""
) -> HttpResponse:
    rows = {row.platform: row for row in study.recruitments.select_related("study")}
    outlook = study_outlook(study)
    page = {
        "study": study,
        "lines": [
            _line(study, one, rows.get(one.platform), outlook) for one in recruiters_of(study)
        ],
        "no_token": orders.NO_TOKEN if rows and not settings.PROLIFIC_TOKEN else "",
        "at": platform,
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "desk/recruiters.html", page, status=400 if problem else 200)


def _line(
    study: Study, table: RecruiterTable, row: Recruitment | None, outlook: Projection | None
) -> RecruiterLine:
    acts = [] if row is None else [_act(one, study) for one in row.acts.order_by("-pk")]
    spent, opened = _spent(row), RecruiterAct.OPEN
    under_way = [str(one.what) for one in reversed(acts) if one.act.state in opened]
    return RecruiterLine(
        table=table,
        row=row,
        state=_state(row),
        under_way=", ".join(under_way),
        figures=_figures(table, row, spent),
        spent=meter(min(1.0, spent / table.money_limit)),
        cost=_cost(table, row),
        forecast=_forecast(study, table, row, outlook),
        buttons=() if _is_turning(acts) else _buttons(table, row),
        waiting=tuple(row.waiting) if row else (),
        payable=sum(one["came"] in orders.PAID_KINDS for one in row.waiting) if row else 0,
        acts=tuple(acts[:ACTS_SHOWN]),
        unclear=tuple(one for one in acts if one.act.state == RecruiterAct.State.UNCLEAR),
        seen=moment(row.seen_at, study.phase.zone) if row and row.seen_at else None,
        retried=moment(row.not_before, study.phase.zone) if row and row.not_before else None,
    )


def _state(row: Recruitment | None) -> str:
    """Return the word for how a recruiter stands; one that is held will go on by itself."""
    if row is None:
        return str(States.NEW.label)
    return "held" if row.state == States.RUNNING and row.reason else str(row.get_state_display())


def money(amount: int, currency: str) -> str:
    """Return an amount of minor units: "GBP 12.50"."""
    return f"{currency} {amount / 100:,.2f}"


def _spent(row: Recruitment | None) -> int:
    """Return what was paid, with fee and VAT, as the platform states the price of a place."""
    if row is None:
        return 0
    paid: int = row.counts.get(Status.APPROVED, 0)
    return paid * (row.price or 0) + bonuses_cost(row)


def _figures(
    table: RecruiterTable, row: Recruitment | None, spent: int
) -> tuple[tuple[str, str, str], ...]:
    """Return names, figures, and what is said below each."""
    counts = row.counts if row else {}
    places = row.places if row else 0
    most = affordable(rules_of(row)) if row and row.price else None
    at_work = sum(counts.get(status, 0) for status in (Status.RESERVED, Status.ACTIVE))
    left = sum(counts.get(status, 0) for status in (Status.RETURNED, Status.TIMED_OUT))
    finished = sum(counts.get(one, 0) for one in (Status.AWAITING_REVIEW, Status.APPROVED))
    bound = places * (row.price or 0) + bonuses_cost(row) if row else 0
    return (
        ("Places bought", str(places), f"at most {most}" if most is not None else ""),
        ("Taken", str(at_work + finished), f"{at_work} at work"),
        ("Finished", str(finished), f"{left} left before" if left else ""),
        ("Paid", str(counts.get(Status.APPROVED, 0)), ""),
        ("Spent", money(spent, table.currency), f"of {money(table.money_limit, table.currency)}"),
        ("Bound", money(bound, table.currency), "if all places bought are paid"),
    )


def _cost(table: RecruiterTable, row: Recruitment | None) -> str:
    """Say what publishing the draft binds, and what the whole may cost."""
    if row is None or row.state != States.DRAFT or row.price is None:
        return ""
    each, first = (money(amount, table.currency) for amount in (row.price, row.price * row.places))
    return (
        f"One place costs {each}: {money(table.reward, table.currency)} for the rater, the rest "
        f"is the platform's fee and VAT. Publishing binds {first} for the first "
        f"{count(row.places, 'place')}. In all never more than "
        f"{money(table.money_limit, table.currency)}, which is at most "
        f"{count(affordable(rules_of(row)), 'place')}."
    )


def _forecast(
    study: Study, table: RecruiterTable, row: Recruitment | None, outlook: Projection | None
) -> str:
    """Say how many more places the ranking needs at its present look, and what they cost."""
    if outlook is None or not outlook.more or not study.is_open:
        return ""
    places = -(-outlook.more // study.trials_per_rater)
    price = row.price if row and row.price else table.reward
    return (
        f"About {count(places, 'more place')} until neighbours are told apart: "
        f"{money(places * price, table.currency)}."
    )


def _buttons(table: RecruiterTable, row: Recruitment | None) -> tuple[tuple[str, str, str], ...]:
    """Return what can be ordered now: its name in the address, its words, its look."""
    if table.kind is RecruiterKind.LINK:
        return ()
    ways: dict[str, tuple[tuple[str, str, str], ...]] = {
        States.NEW: (("draft", "Make a draft", ""),),
        States.DRAFT: (("publish", "Publish", ""), ("draft", "Make another draft", "second")),
        States.RUNNING: (("pause", "Pause", ""), ("stop", "Stop for good", "second")),
        States.PAUSED: (("go-on", "Go on", ""), ("stop", "Stop for good", "second")),
        States.STOPPED: (("go-on", "Go on", "second"), ("stop", "Stop for good", "second")),
    }
    return ways.get(row.state if row else States.NEW, ())


def _is_turning(acts: Sequence[ActLine]) -> bool:
    """Tell whether a draft is being made or published: nothing is to be ordered meanwhile."""
    kinds = (RecruiterAct.Kind.CREATE, RecruiterAct.Kind.PUBLISH)
    return any(one.act.kind in kinds and one.act.state in RecruiterAct.OPEN for one in acts)


def _act(act: RecruiterAct, study: Study) -> ActLine:
    words: Any = act.get_kind_display()
    if act.kind == RecruiterAct.Kind.PLACES:
        words = f"{words}: {act.amount} in all"
    elif act.kind == RecruiterAct.Kind.BONUS:
        words = f"{words}: {act.amount / 100:.2f}"
    return ActLine(act, moment(act.ordered_at, study.phase.zone), words)
