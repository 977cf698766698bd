"""Who may judge: anybody, invited people, or people sent by a platform, as the study says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import lock_study, locking
from ratings.comparisons.models import Invitation, Rater, Recruit, Study, UnfilledLink
from ratings.comparisons.protocol import OwnParameter, Platform
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.raters.own_teams import team_named
from ratings.comparisons.raters.placeholders import is_unfilled
from ratings.comparisons.raters.places import attributes_of, has_full_pilot, has_limit, refuse_full
from ratings.comparisons.trials.session_progress import State, progress_of_rater

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

    `language` is the one they chose, "" for the study's first; `team` the name of the team that
    they are a member of, "" for none.
    """

    invitation: str = ""
    participant: Participant | None = None
    language: str = ""
    team: str = ""


def read_entry_request(study: Study, parameters: Mapping[str, str]) -> EntryRequest:
    """Return what the parameters of the rating page's address tell: `invitation`, or a platform's.

    And the team whose member comes, if any.
    The first of the study's platforms whose participant is among them is the one.
    """
    team = parameters.get(OwnParameter.TEAM, "")
    for platform in study.protocol.recruiting.platforms:
        if platform.participant in parameters:
            sent = Participant(
                platform.slug,
                parameters[platform.participant],
                parameters.get(platform.study, ""),
                parameters.get(platform.session, ""),
            )
            return EntryRequest(participant=sent, team=team)
    return EntryRequest(parameters.get(OwnParameter.INVITATION, ""), team=team)


def admit(
    study: Study, known: Rater | None, request: EntryRequest, now: datetime
) -> tuple[Rater, bool]:
    """Return the rater who goes on or begins, and whether the rater is new.

    The rater whom the browser holds (`known`) goes on, unless the request is another person's. So
    does a platform's participant who comes back, on any device, also after the session's end.
    Limits hold however many people come at once.

    Raises Refused, code "study-closed", "study-paused", "not-invited", "invitation-used",
    "quota-reached", "kind-full", "own-team-only", "link-unfilled" or "invalid".
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
    is_limited = has_limit(study) or study.pilot is not None
    return is_limited or bool(request.invitation or request.participant)


def _begin(study: Study, request: EntryRequest, language: str, now: datetime) -> tuple[Rater, bool]:
    admission = _admission(study, request, now)
    if admission.returning:
        return admission.returning, False
    rater = rater_keys.begin_session(
        study,
        now,
        language=language,
        invitation=admission.invitation,
        own_team=team_named(study, request.team),
    )
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
    _refuse_closed(study, now)
    invitation = _invitation(study, request)
    language = _language(study, request.language)
    refuse_full(study, platform, attributes_of(platform, language, invitation), now)
    team_named(study, request.team)
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


def _refuse_closed(study: Study, now: datetime) -> None:
    if not study.is_open:
        raise Refused("study-closed", "This study takes no more judgments.")
    # A pilot that has what it wants waits until an organizer has looked at it.
    if study.paused_at or has_full_pilot(study, now):
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
