"""Who may judge: anybody, invited people, or people sent by a platform, as the study says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from ratings.challenge.refusals import Refused
from ratings.comparisons import raters
from ratings.comparisons.models import Invitation, Rater, Recruit, Study, Trial
from ratings.comparisons.progress import State, progress
from ratings.comparisons.protocol import Platform

# Who is not done and was issued nothing for so long has left, and their place is free again.
PLACE_HELD = timedelta(hours=2)


@dataclass(frozen=True)
class Participant:
    """A person of a recruiting platform, and its study and session, as its address names them."""

    platform: str
    participant: str
    study: str = ""
    session: str = ""


@dataclass(frozen=True)
class Arrival:
    """How somebody comes to a study: with an invitation's token, sent by a platform, or neither.

    `language` is the one they chose, "" for the study's first.
    """

    invitation: str = ""
    participant: Participant | None = None
    language: str = ""


def arrival(study: Study, parameters: Mapping[str, str]) -> Arrival:
    """Return what the parameters of the rating page's address tell: `invitation`, or a platform's.

    The first of the study's platforms whose participant is among them is the one.
    """
    for platform in study.how.recruiting.platforms:
        if person := parameters.get(platform.participant):
            sent = Participant(
                platform.slug,
                person,
                parameters.get(platform.study, ""),
                parameters.get(platform.session, ""),
            )
            return Arrival(participant=sent)
    return Arrival(parameters.get("invitation", ""))


def admit(study: Study, known: Rater | None, came: Arrival, now: datetime) -> tuple[Rater, bool]:
    """Return the rater who goes on or begins, and whether they are new.

    The rater whom the browser holds (`known`) goes on, unless somebody else came; so does a
    platform's participant who comes back, on whatever device, and who is done hears so again.
    Limits hold however many come at once. Raises Refused, code "study-closed", "study-paused",
    "not-invited", "invitation-used", "quota-reached" or "invalid".
    """
    language = _language(study, came.language)
    if known and is_back(known, came):
        rater, is_new = known, False
    else:
        rater, is_new = _enter(study, came, language, now)
    # Not while the study is held: what changes a rater takes the rater first.
    if not is_new and came.language and rater.language != language:
        rater.language = language
        rater.save(update_fields=["language"])
    return rater, is_new


@transaction.atomic
def _enter(study: Study, came: Arrival, language: str, now: datetime) -> tuple[Rater, bool]:
    """Find the rater of a platform's participant, or begin one; and tell whether they are new."""
    # One comes after another, so that each finds all those before counted.
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    way = _way_in(study, came, now)
    if way.back:
        return way.back, False
    rater = raters.begin(study, now, language=language, invitation=way.invitation)
    if came.participant:
        _recruit(rater, came.participant, way.turn)
    return rater, True


def foreseen(study: Study, came: Arrival, now: datetime) -> str:
    """Return the code with which `admit` would refuse somebody unknown now; "" if it would not."""
    try:
        _way_in(study, came, now)
    except Refused as refused:
        return refused.code
    return ""


@dataclass(frozen=True)
class _Way:
    """How somebody gets in: as the rater who they are already, or by an invitation, or freely.

    `turn` counts how often their platform sent them before.
    """

    back: Rater | None = None
    invitation: Invitation | None = None
    turn: int = 0


def _way_in(study: Study, came: Arrival, now: datetime) -> _Way:
    """Return how somebody unknown to the browser gets in. Raises Refused."""
    sent, turn = came.participant, 0
    platform = _platform(study, sent.platform) if sent else None
    if sent and (last := _last_turn(study, sent)):
        if back := _back(study, last):
            return _Way(back)
        turn = last.turn + 1
    _refuse_closed(study)
    invitation = _invitation(study, came)
    _refuse_full(study, platform, now)
    return _Way(invitation=invitation, turn=turn)


def _language(study: Study, wanted: str) -> str:
    languages = study.how.languages
    if wanted and wanted not in languages:
        raise Refused("invalid", f"language: This study speaks {', '.join(languages)}.")
    return wanted or languages[0]


def _platform(study: Study, slug: str) -> Platform:
    platforms = {platform.slug: platform for platform in study.how.recruiting.platforms}
    if slug not in platforms:
        known = ", ".join(platforms) or "none"
        raise Refused("invalid", f"platform: This study recruits from: {known}.")
    return platforms[slug]


def is_back(known: Rater, came: Arrival) -> bool:
    """Tell whether it is the rater whom the browser holds who came, not somebody else at it.

    Somebody else is whom a platform sends under another name, and who brings an invitation that is
    valid and not the rater's own.
    """
    if came.participant:
        return is_of(known, came.participant)
    if not came.invitation:
        return True
    found = known.study.invitations.filter(token=came.invitation, revoked_at=None).first()
    return found is None or found.pk == known.invitation_id


def is_of(rater: Rater, sent: Participant) -> bool:
    """Tell whether the rater is the person whom the platform sent."""
    who = {"platform": sent.platform, "participant": sent.participant}
    return Recruit.objects.filter(rater=rater, **who).exists()


def _last_turn(study: Study, sent: Participant) -> Recruit | None:
    """Return how the person was recruited last, if they were."""
    who = {"platform": sent.platform, "participant": sent.participant}
    found = Recruit.objects.filter(study=study, **who).select_related("rater__study")
    return found.order_by("-turn").first()


def _back(study: Study, last: Recruit) -> Rater | None:
    """Return the rater with whom a person goes on, or None where they may judge anew.

    Who may not is the same rater still: done, with the code that they may have lost.
    """
    has_ended = progress(last.rater).state in (State.DONE, State.SCREENED_OUT)
    return None if has_ended and not study.how.recruiting.one_session else last.rater


def _refuse_closed(study: Study) -> None:
    if not study.is_open:
        raise Refused("study-closed", "This study takes no more judgments.")
    if study.paused_at:
        raise Refused("study-paused", "This study is paused; come back later.")


def _invitation(study: Study, came: Arrival) -> Invitation | None:
    """Return the invitation that lets somebody in; None where none is needed."""
    if not came.invitation:
        if came.participant or study.how.recruiting.open:
            return None
        raise Refused("not-invited", "This study is by invitation: open the link you were sent.")
    found = study.invitations.filter(token=came.invitation, revoked_at=None).first()
    if found is None:
        raise Refused("not-invited", "This invitation is unknown or was withdrawn.")
    if found.raters.count() >= found.most_raters:
        raise Refused(
            "invitation-used",
            "This invitation is used. If you began with it, go on in the same browser, or open "
            "your personal link.",
        )
    return found


def _refuse_full(study: Study, platform: Platform | None, now: datetime) -> None:
    """Refuse a rater beyond the study's number, or the platform's."""
    people = _holding_places(study, now)
    limits = [(study.how.recruiting.most_raters, people, "")]
    if platform:
        sent = people.filter(recruit__platform=platform.slug)
        limits.append((platform.most_raters, sent, f" from {platform.slug}"))
    for most, found, whence in limits:
        if most is not None and found.count() >= most:
            raise Refused("quota-reached", f"This study has all the raters that it takes{whence}.")


def _holding_places(study: Study, now: datetime) -> QuerySet[Rater]:
    """Return the people who are done or at it; who failed the training or left is neither."""
    lately = now - PLACE_HELD
    issued = Trial.objects.filter(rater=OuterRef("pk"), issued_at__gt=lately)
    at_it = Q(consented_at__gt=lately) | Exists(issued)
    people = study.raters.filter(simulated=False, screened_out_at=None)
    return people.filter(Q(finished_at__isnull=False) | at_it)


def _recruit(rater: Rater, sent: Participant, turn: int) -> None:
    Recruit.objects.create(
        rater=rater,
        study=rater.study,
        platform=sent.platform,
        participant=sent.participant,
        platform_study=sent.study,
        platform_session=sent.session,
        turn=turn,
    )
