"""Who may judge: anybody, invited people, or people sent by a platform, as the study says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import lock_study, locking
from ratings.comparisons.models import Invitation, Rater, Recruit, Study, Trial, UnfilledLink
from ratings.comparisons.protocol import After, OwnParameter, Platform
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.raters.placeholders import is_unfilled
from ratings.comparisons.study.recruiter_keys import most_by_link
from ratings.comparisons.trials.session_progress import State, progress_of_rater

# A rater who is not done and was issued no trial for so long has left: the place is free again.
PLACE_HELD = timedelta(hours=2)
LONGEST_VALUE = 100


@dataclass(frozen=True)
class Participant:
    """A person of a recruiting platform, and its study and session, as its address names them."""

    platform: str
    participant: str
    study: str = ""
    session: str = ""


@dataclass(frozen=True)
class EntryRequest:
    """How somebody comes to a study: with an invitation's token, sent by a platform, or neither.

    `language` is the one they chose, "" for the study's first.
    """

    invitation: str = ""
    participant: Participant | None = None
    language: str = ""


def read_entry_request(study: Study, parameters: Mapping[str, str]) -> EntryRequest:
    """Return what the parameters of the rating page's address tell: `invitation`, or a platform's.

    The first of the study's platforms whose participant is among them is the one.
    """
    for platform in study.protocol.recruiting.platforms:
        if platform.participant in parameters:
            sent = Participant(
                platform.slug,
                parameters[platform.participant],
                parameters.get(platform.study, ""),
                parameters.get(platform.session, ""),
            )
            return EntryRequest(participant=sent)
    return EntryRequest(parameters.get(OwnParameter.INVITATION, ""))


def admit(
    study: Study, known: Rater | None, request: EntryRequest, now: datetime
) -> tuple[Rater, bool]:
    """Return the rater who goes on or begins, and whether the rater is new.

    The rater whom the browser holds (`known`) goes on, unless the request is another person's. So
    does a platform's participant who comes back, on any device, also after the session's end.
    Limits hold however many people come at once.

    Raises Refused, code "study-closed", "study-paused", "not-invited", "invitation-used",
    "quota-reached", "link-unfilled" or "invalid".
    """
    language = _language(study, request.language)
    if known and is_same_rater(known, request):
        rater, is_new = known, False
    else:
        rater, is_new = _enter(study, request, language, now)
    # Not while the study is held: what changes a rater takes the rater first.
    if not is_new and request.language and rater.language != language:
        rater.language = language
        rater.save(update_fields=["language"])
    return rater, is_new


def _enter(study: Study, request: EntryRequest, language: str, now: datetime) -> tuple[Rater, bool]:
    """Find the rater of a platform's participant, or begin one; and tell whether they are new."""
    if not _is_counted(study, request):
        return _begin(study, request, language, now)
    with locking():
        # One comes after another, so that each finds all those before counted.
        return _begin(lock_study(study.pk), request, language, now)


def _is_counted(study: Study, request: EntryRequest) -> bool:
    """Tell whether it matters who else comes: where there is a limit, or one person may come twice.

    Everybody else need not wait.
    """
    has_limit = study.protocol.recruiting.most_raters is not None
    return has_limit or bool(request.invitation or request.participant)


def _begin(study: Study, request: EntryRequest, language: str, now: datetime) -> tuple[Rater, bool]:
    admission = _admission(study, request, now)
    if admission.returning:
        return admission.returning, False
    rater = rater_keys.begin_session(study, now, language=language, invitation=admission.invitation)
    if request.participant:
        _recruit(rater, request.participant, admission.session_number)
    return rater, True


def precheck(study: Study, request: EntryRequest, now: datetime) -> str:
    """Return the code with which `admit` would refuse a new person now; "" if it would not."""
    refused = foreseen(study, request, now)
    return refused.code if refused else ""


def foreseen(study: Study, request: EntryRequest, now: datetime) -> Refused | None:
    """Return how `admit` would refuse a new person now, None if it would not; nothing is kept."""
    try:
        _admission(study, request, now)
    except Refused as refused:
        return refused
    return None


@dataclass(frozen=True)
class _Admission:
    """How a person gets in: as the rater who they are already, by an invitation, or freely.

    `session_number` is how many sessions of this person the platform has sent before.
    """

    returning: Rater | None = None
    invitation: Invitation | None = None
    session_number: int = 0


def _admission(study: Study, request: EntryRequest, now: datetime) -> _Admission:
    """Return how a person whom the browser does not hold gets in. Raises Refused."""
    _refuse_unfilled(study, request)
    sent = request.participant
    platform = _platform(study, sent.platform) if sent else None
    last = _last_session(study, sent) if sent else None
    if last and (rater := _returning_rater(study, last)):
        return _Admission(rater)
    _refuse_closed(study)
    invitation = _invitation(study, request)
    _refuse_full(study, platform, now)
    return _Admission(invitation=invitation, session_number=last.session_number + 1 if last else 0)


def _language(study: Study, wanted: str) -> str:
    languages = study.protocol.languages
    if wanted and wanted not in languages:
        raise Refused("invalid", f"language: This study speaks {', '.join(languages)}.")
    return wanted or languages[0]


def _platform(study: Study, slug: str) -> Platform:
    platforms = {platform.slug: platform for platform in study.protocol.recruiting.platforms}
    if slug not in platforms:
        known = ", ".join(platforms) or "none"
        raise Refused("invalid", f"platform: This study recruits from: {known}.")
    return platforms[slug]


def is_same_rater(known: Rater, request: EntryRequest) -> bool:
    """Tell whether the rater whom the browser holds made the request, and not another person.

    Another person comes under another of the platform's names, or with a valid invitation that is
    not the rater's own.
    """
    if request.participant:
        return _recruits(known.study, request.participant).filter(rater=known).exists()
    if not request.invitation:
        return True
    invitation = known.study.invitations.filter(token=request.invitation, revoked_at=None).first()
    return invitation is None or invitation.pk == known.invitation_id


def note_unfilled(study: Study, request: EntryRequest, now: datetime) -> None:
    """Record for the desk that a platform's link named nobody."""
    if request.participant is None:
        return
    which = {"study": study, "platform": request.participant.platform}
    value = request.participant.participant[:LONGEST_VALUE]
    link, _ = UnfilledLink.objects.get_or_create(**which, defaults={"value": "", "last_at": now})
    again = UnfilledLink.objects.filter(pk=link.pk)
    again.update(times=F("times") + 1, value=value, last_at=now)


def _is_unfilled(study: Study, sent: Participant) -> bool:
    platform = _platform(study, sent.platform)
    names = (platform.participant, platform.study, platform.session)
    return is_unfilled(sent.participant, names)


def _refuse_unfilled(study: Study, request: EntryRequest) -> None:
    """Refuse a link with unfilled placeholders: everybody with it would be one person."""
    if request.participant and _is_unfilled(study, request.participant):
        raise Refused(
            "link-unfilled",
            "The link says nothing about who comes: the platform has not filled its placeholders.",
        )


def returning(study: Study, request: EntryRequest) -> Rater | None:
    """Return the rater as whom a platform's participant goes on, having consented before."""
    sent = request.participant
    last = _last_session(study, sent) if sent else None
    return _returning_rater(study, last) if last else None


def _last_session(study: Study, sent: Participant) -> Recruit | None:
    """Return how the person was recruited last, if they were."""
    return _recruits(study, sent).select_related("rater__study").order_by("-session_number").first()


def _recruits(study: Study, sent: Participant) -> QuerySet[Recruit]:
    """Return all of a person's sessions; a placeholder names nobody and has none."""
    if _is_unfilled(study, sent):
        return Recruit.objects.none()
    who = {"platform": sent.platform, "participant": sent.participant}
    return Recruit.objects.filter(study=study, **who)


def _returning_rater(study: Study, last: Recruit) -> Rater | None:
    """Return the rater as whom a person goes on, or None where the person may judge anew.

    A person who may not stays the same rater after the session's end, and is told the code again.
    A session that ended because its rater is not used is not followed by another one either.
    """
    has_ended = progress_of_rater(last.rater).state in (State.DONE, State.SCREENED_OUT)
    return None if has_ended and not study.protocol.recruiting.one_session else last.rater


def _refuse_closed(study: Study) -> None:
    if not study.is_open:
        raise Refused("study-closed", "This study takes no more judgments.")
    if study.paused_at:
        raise Refused("study-paused", "This study is paused; come back later.")


def _invitation(study: Study, request: EntryRequest) -> Invitation | None:
    """Return the invitation that lets somebody in; None where none is needed."""
    if not request.invitation:
        if request.participant or study.protocol.recruiting.open:
            return None
        raise Refused("not-invited", "This study is by invitation: open the link you were sent.")
    invitation = study.invitations.filter(token=request.invitation, revoked_at=None).first()
    if invitation is None:
        raise Refused("not-invited", "This invitation is unknown or was withdrawn.")
    if invitation.raters.count() >= invitation.most_raters:
        raise Refused(
            "invitation-used",
            "This invitation is used. If you began with it, go on in the same browser, or open "
            "your personal link.",
        )
    return invitation


def _refuse_full(study: Study, platform: Platform | None, now: datetime) -> None:
    """Refuse a rater beyond the study's number, or the platform's."""
    limits: list[tuple[int | None, dict[str, str], str]] = [
        (study.protocol.recruiting.most_raters, {}, "")
    ]
    if platform:
        sent = {"recruit__platform": platform.slug}
        for most in (platform.most_raters, most_by_link(study, platform.slug, now)):
            limits.append((most, sent, f" from {platform.slug}"))
    for most, who, whence in limits:
        if most is not None and _holding_places(study, now).filter(**who).count() >= most:
            raise Refused("quota-reached", f"This study has all the raters that it takes{whence}.")


def _holding_places(study: Study, now: datetime) -> QuerySet[Rater]:
    """Return the people who hold a place: done or at work, not failed, gone or ended early."""
    lately = now - PLACE_HELD
    issued = Trial.objects.filter(rater=OuterRef("pk"), issued_at__gt=lately)
    at_it = Q(consented_at__gt=lately) | Exists(issued)
    people = study.raters.filter(simulated=False, screened_out_at=None)
    if study.protocol.screening.after is After.END:
        people = people.filter(Q(finished_at__isnull=False) | Q(state=Rater.State.USED))
    return people.filter(Q(finished_at__isnull=False) | at_it)


def _recruit(rater: Rater, sent: Participant, session_number: int) -> None:
    Recruit.objects.create(
        rater=rater,
        study=rater.study,
        platform=sent.platform,
        participant=sent.participant,
        platform_study=sent.study,
        platform_session=sent.session,
        session_number=session_number,
    )
