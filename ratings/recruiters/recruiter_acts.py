"""Acts on a platform: ordered with the decision, sent, read back where the answer was lost.

An act is a row before it is a call. What was sent and is not known to be over is looked up at the
platform before it is sent again, so that a worker may be killed anywhere.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse

from ratings.comparisons.models import Rater, Recruit, RecruiterAct, Recruitment
from ratings.comparisons.study.recruiter_keys import (
    RecruiterTable,
    fixed_there,
    platform_of,
    recruiter_of,
)
from ratings.outbox.recording import call_for_a_person
from ratings.recruiters.people_taken import people_taken
from ratings.recruiters.platform_trouble import (
    PlatformAway,
    PlatformRefused,
    RemoteState,
    Status,
)
from ratings.recruiters.prolific_calls import Draft, Prolific
from ratings.recruiters.recruiting_rules import PlaceTally, Terms, affordable, committed

Kind, State = RecruiterAct.Kind, RecruiterAct.State
Clock = Callable[[], datetime]
# Of a person these exclude one another.
VERDICTS = (Kind.APPROVE, Kind.REJECT, Kind.RETURN)
# Prolific pays bonuses "in the following minutes": so long a lost answer is looked for.
BONUS_SHOWS = timedelta(hours=1)
UNCLEAR = "The answer was lost, and Prolific does not show the bonus: look there, then say here."
BEYOND = "It would go beyond the money limit; raise it in the definition."


class GoneFromFile(Exception):
    """A recruitment whose [[study.recruiter]] the definition no longer has."""


def terms_of(recruitment: Recruitment) -> RecruiterTable:
    """Return what the definition says of a recruitment. Raises GoneFromFile."""
    table = recruiter_of(recruitment.study, recruitment.platform)
    if table is None:
        raise GoneFromFile(recruitment.platform)
    return table


def rules_of(recruitment: Recruitment) -> Terms:
    """Return the terms with the platform's price; before that is known, the reward alone."""
    table = terms_of(recruitment)
    price = recruitment.price or table.reward
    return Terms(table.step, table.money_limit, price, table.most_places, table.until)


def wrong_currency(recruitment: Recruitment) -> str:
    """Say that the account pays in another currency than the definition's; "" where it does not."""
    told, ours = recruitment.currency, terms_of(recruitment).currency
    if told in ("", ours):
        return ""
    return f"The account pays in {told}; the definition says {ours}. Mend it there."


def bonuses_cost(recruitment: Recruitment) -> int:
    """Return what bonuses have cost, or may have, in minor units."""
    paid = recruitment.acts.filter(kind=Kind.BONUS).exclude(state=State.REFUSED)
    return paid.aggregate(total=Sum("cost"))["total"] or 0


def standing_of(recruitment: Recruitment) -> PlaceTally:
    """Return how a recruitment stands by what was last seen of it."""
    study = recruitment.study
    over = "" if study.is_open else study.stopped_reason or "The study was closed."
    return PlaceTally(recruitment.places, recruitment.counts, bonuses_cost(recruitment), over)


def order(
    recruitment: Recruitment,
    kind: RecruiterAct.Kind,
    now: datetime,
    *,
    by: str = "",
    submission: str = "",
    rater: Rater | None = None,
    amount: int = 0,
    words: str = "",
) -> bool:
    """Order an act, in the transaction of the decision; tell whether it is a new one.

    The recruitment must be locked. A person's act is ordered once; one that was refused, again.
    """
    fields = {"ordered_by": by, "rater": rater, "amount": amount, "words": words}
    if submission and _is_settled(recruitment, kind, submission):
        return False
    if submission:
        recruitment.acts.filter(kind=kind, submission=submission, state=State.REFUSED).delete()
    recruitment.acts.create(kind=kind, submission=submission, ordered_at=now, **fields)
    return True


def _is_settled(recruitment: Recruitment, kind: str, submission: str) -> bool:
    """Tell whether this, or what excludes it, was ordered of a person before."""
    # Who was asked to return their place, and did not, may still be paid or not.
    others = [one for one in VERDICTS if one != Kind.RETURN] if kind in VERDICTS else []
    acts = recruitment.acts.filter(submission=submission, kind__in=[kind, *others])
    return acts.exclude(state=State.REFUSED).exists()


def carry_out(recruitment: Recruitment, platform: Prolific, clock: Clock) -> None:
    """Carry out what is ordered, the oldest first. Raises PlatformAway; what is left stays."""
    for act in recruitment.acts.filter(state__in=RecruiterAct.OPEN).order_by("pk"):
        act.recruitment = recruitment
        _carry_out(act, platform, clock)


def _carry_out(act: RecruiterAct, platform: Prolific, clock: Clock) -> None:
    if act.state == State.SENT and _took_effect(act, platform):
        return _end(act, State.DONE, clock())
    if act.kept.get("paying"):
        return _wait_for_bonus(act, clock())
    act.state, act.sent_at = State.SENT, act.sent_at or clock()
    act.save(update_fields=["state", "sent_at"])
    try:
        _send(act, platform, clock)
    except PlatformRefused as refused:
        done = act.kind != Kind.BONUS and _took_effect(act, platform)
        return _end(
            act, State.DONE if done else State.REFUSED, clock(), "" if done else str(refused)
        )
    return _end(act, State.DONE, clock())


def _send(act: RecruiterAct, platform: Prolific, clock: Clock) -> None:
    remote = act.recruitment.remote_id
    match act.kind:
        case Kind.CREATE:
            of = act.recruitment
            terms = fixed_there(terms_of(of), platform_of(of.study, of.platform))
            act.kept = {"terms": terms}
            act.save(update_fields=["kept"])
            _create(of, platform, clock)
        case Kind.PLACES:
            platform.set_places(remote, act.amount)
        case Kind.PUBLISH | Kind.PAUSE | Kind.START | Kind.STOP:
            platform.transition(remote, act.kind.upper())
        case Kind.APPROVE:
            platform.approve(act.submission)
        case Kind.REJECT:
            platform.reject(act.submission, act.words)
        case Kind.RETURN:
            platform.ask_to_return(act.submission, act.words)
        case Kind.BONUS:
            _pay_bonus(act, platform)


def _took_effect(act: RecruiterAct, platform: Prolific) -> bool:
    """Look up at the platform whether an act that was sent has taken effect."""
    recruitment = act.recruitment
    if act.kind == Kind.CREATE:
        return _take_draft(recruitment, platform)
    if act.submission:
        return _is_done_of(act, platform)
    study = platform.study(recruitment.remote_id)
    if act.kind == Kind.PLACES:
        return study.places >= act.amount
    return study.status in _AFTER[act.kind]


# The states of a study that it is in after an act, or has come to since.
_AFTER: dict[str, tuple[str, ...]] = {
    Kind.PUBLISH: tuple(set(RemoteState) - {RemoteState.UNPUBLISHED}),
    Kind.PAUSE: (RemoteState.PAUSED, RemoteState.AWAITING_REVIEW, RemoteState.COMPLETED),
    Kind.START: (RemoteState.ACTIVE, RemoteState.AWAITING_REVIEW, RemoteState.COMPLETED),
    Kind.STOP: (RemoteState.AWAITING_REVIEW, RemoteState.COMPLETED),
}


def _is_done_of(act: RecruiterAct, platform: Prolific) -> bool:
    try:
        seen = platform.submission(act.submission)
    except PlatformRefused:
        return False  # it is gone there: the others' acts must not wait for it
    match act.kind:
        case Kind.APPROVE:
            return seen.status == Status.APPROVED
        case Kind.REJECT:
            return seen.status == Status.REJECTED
        case Kind.RETURN:
            return seen.asked_to_return or seen.status == Status.RETURNED
        case _:
            return bool(act.kept.get("paying")) and seen.bonuses > act.kept["before"]


def _create(recruitment: Recruitment, platform: Prolific, clock: Clock) -> None:
    """Make a draft with the places of the first step. Raises PlatformRefused for want of money."""
    table, price = terms_of(recruitment), platform.price(terms_of(recruitment).reward)
    end = platform_of(recruitment.study, recruitment.platform)
    recruitment.price = price
    places = min(table.step, affordable(rules_of(recruitment)))
    if places < 1:
        raise PlatformRefused(f"One place costs {price}, the money limit is {table.money_limit}.")
    # A draft has one place at least, also where the study takes nobody yet.
    places = min(places, people_taken(recruitment, clock()) or places)
    draft = Draft(
        key=recruitment.key,
        title=table.title or recruitment.study.name[:120],
        description=table.description,
        link=recruitment.link,
        completion_code=end.completion_code,
        screenout_code=end.screenout_code,
        places=places,
        reward=table.reward,
        minutes=table.minutes,
        devices=table.devices,
    )
    platform.create(draft)
    _take_draft(recruitment, platform)


def _take_draft(recruitment: Recruitment, platform: Prolific) -> bool:
    """Note the study at the platform that was made under the recruitment's key, if it was."""
    study = platform.find(recruitment.key)
    if study is None:
        return False
    recruitment.price = platform.price(terms_of(recruitment).reward)
    recruitment.remote_id, recruitment.remote_state = study.id, study.status
    recruitment.places, recruitment.currency = study.places, study.currency
    recruitment.state = Recruitment.State.DRAFT
    recruitment.save(
        update_fields=["price", "remote_id", "remote_state", "places", "currency", "state"]
    )
    return True


def _pay_bonus(act: RecruiterAct, platform: Prolific) -> None:
    """Prepare a bonus and pay it: the second call is made once, whatever comes of it."""
    recruitment = act.recruitment
    before = platform.submission(act.submission).bonuses
    name, cost = platform.set_up_bonus(recruitment.remote_id, act.submission, act.amount)
    rules, standing = rules_of(recruitment), standing_of(recruitment)
    if committed(rules.price, standing) - act.cost + cost > rules.money_limit:
        raise PlatformRefused(BEYOND)
    act.cost, act.kept = cost, {"payment": name, "before": before, "paying": True}
    act.save(update_fields=["cost", "kept"])
    try:
        platform.pay_bonus(name)
    except PlatformAway as away:
        if away.untouched:
            act.kept = {}
            act.save(update_fields=["kept"])
        raise


def _wait_for_bonus(act: RecruiterAct, now: datetime) -> None:
    if act.sent_at and now - act.sent_at > BONUS_SHOWS:
        _end(act, State.UNCLEAR, now, UNCLEAR)


def _end(act: RecruiterAct, state: RecruiterAct.State, now: datetime, problem: str = "") -> None:
    """Record what became of an act, and what follows from it, together."""
    with transaction.atomic():
        act.state, act.ended_at, act.problem = state, now, problem
        if act.rater and not Recruit.objects.filter(rater=act.rater).exists():
            # Erased meanwhile: what leads to a person goes, the amount stays.
            act.submission, act.words, act.kept, act.rater = "", "", {}, None
        act.save()
        _follow(act)
        # Of what pauses recruiting, or may be paid or not, an alarm tells.
        if state == State.REFUSED and act.kind not in (Kind.PLACES, Kind.START, Kind.STOP):
            # Without the platform's words: they may name the person.
            words = f"What was ordered is not done: {act.get_kind_display()}. The page says why."
            call_organizers(act.recruitment, words, act.kind, now)


def call_organizers(recruitment: Recruitment, words: str, about: str, now: datetime) -> None:
    """Call for a person, once a day about one thing."""
    study = recruitment.study
    call_for_a_person(
        f"{study.name}: {words}",
        now,
        single=f"recruiter {recruitment.pk} {about} {now.date()}",
        challenge=study.phase.challenge_id,
        path=reverse("web:desk-recruiters", args=[study.slug]),
    )


def _follow(act: RecruiterAct) -> None:
    changes: dict[str, Any] = {}
    states = Recruitment.State
    if act.state == State.DONE and act.kind == Kind.PUBLISH:
        changes = {"state": states.RUNNING, "reason": ""}
    elif act.state == State.REFUSED and act.kind in (Kind.PLACES, Kind.START):
        changes = {"state": states.PAUSED, "reason": act.problem[:300]}
    elif act.state == State.REFUSED and act.kind == Kind.STOP:
        changes = {"state": states.STOPPED, "reason": act.problem[:300]}
    if changes:
        Recruitment.objects.filter(pk=act.recruitment_id).update(**changes)
