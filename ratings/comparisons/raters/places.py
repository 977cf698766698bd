"""How many raters a study takes: in all, from a platform, and of each kind that has a quota."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from ratings.challenge.refusals import Refused
from ratings.comparisons.ending_rules import QUESTION, Attribute, RaterQuota
from ratings.comparisons.locking import lock_rater, lock_study, locking
from ratings.comparisons.models import Invitation, Rater, Stage, Study, Trial
from ratings.comparisons.protocol import After, Platform
from ratings.comparisons.questionnaire.stored_answers import answer_of
from ratings.comparisons.study.pilot_keys import pilot_is_full
from ratings.comparisons.study.recruiter_keys import most_by_link

# A rater who is not done and was issued no trial for so long has left: the place is free again.
PLACE_HELD = timedelta(hours=2)
# What is known of a person by the names of `RaterQuota.attribute`; what is not known has no entry.
Attributes = Mapping[str, str]


def refuse_full(study: Study, platform: Platform | None, known: Attributes, now: datetime) -> None:
    """Refuse a rater beyond the study's number, the platform's, or that of a quota.

    Raises Refused, code "quota-reached" or "kind-full".
    """
    for most, who, whence in _numbers(study, platform, now):
        if most is not None and holding_places(study, now).filter(who).count() >= most:
            raise Refused("quota-reached", f"This study has all the raters that it takes{whence}.")
    if full := full_quota(study, known, now):
        raise Refused(
            "kind-full",
            f"This study has all the raters that it takes whose {full.attribute} is "
            f"{full.value!r}.",
        )


def _numbers(
    study: Study, platform: Platform | None, now: datetime
) -> list[tuple[int | None, Q, str]]:
    """Return how many raters there are at most, of whom, and from where; None for any number."""
    limits = [(study.protocol.recruiting.most_raters, Q(), "")]
    if platform:
        sent, whence = Q(recruit__platform=platform.slug), f" from {platform.slug}"
        limits.append((platform.most_raters, sent, whence))
        limits.append((most_by_link(study, platform.slug, now), sent, whence))
    return limits


def room_from(study: Study, platform: Platform, now: datetime) -> int | None:
    """Return how many more raters a study takes from a platform now, None for any number.

    Its pilot's number counts. Quotas of what nobody knows of newcomers, such as answers, do not.
    """
    held, known = holding_places(study, now), attributes_of(platform, "", None)
    limits = [(most, who) for most, who, _ in _numbers(study, platform, now)]
    for quota in study.protocol.recruiting.quotas or ():
        if known.get(quota.attribute) == quota.value:
            limits.append((quota.most_raters, _of_kind(study, quota)))
    if study.stage == Stage.PILOT:
        limits.append(((study.pilot or {}).get("raters"), Q()))
    left = (max(0, most - held.filter(who).count()) for most, who in limits if most is not None)
    return min(left, default=None)


def has_full_pilot(study: Study, now: datetime) -> bool:
    """Tell whether a study is in a pilot with as many raters as it wants, done or at work."""
    return pilot_is_full(study, lambda: holding_places(study, now).count())


def at_work_from(study: Study, platform: Platform, now: datetime) -> int:
    """Return how many raters of a platform are at work."""
    at_work = holding_places(study, now).filter(finished_at=None)
    return at_work.filter(recruit__platform=platform.slug).count()


def has_limit(study: Study) -> bool:
    """Tell whether it matters who else comes at the same time."""
    recruiting = study.protocol.recruiting
    return recruiting.most_raters is not None or bool(recruiting.quotas)


def full_quota(
    study: Study, known: Attributes, now: datetime, besides: Rater | None = None
) -> RaterQuota | None:
    """Return the first quota of a kind that a person is of and that is full, None for none.

    `besides` is not counted: the person, who holds a place already.
    """
    for quota in study.protocol.recruiting.quotas or ():
        if known.get(quota.attribute) != quota.value:
            continue
        holding = holding_places(study, now).filter(_of_kind(study, quota))
        if besides:
            holding = holding.exclude(pk=besides.pk)
        if holding.count() >= quota.most_raters:
            return quota
    return None


def quota_lines(study: Study, now: datetime) -> list[tuple[RaterQuota, int]]:
    """Return each quota of a study, and how many places of it are held now."""
    quotas = study.protocol.recruiting.quotas or ()
    return [
        (quota, holding_places(study, now).filter(_of_kind(study, quota)).count())
        for quota in quotas
    ]


def end_if_full(rater: Rater, told: Attributes, now: datetime) -> bool:
    """End the session of a rater who turns out to be of a kind whose places are taken.

    `told` is what they answered, under the quotas' names of questions. Of several who answer at
    once only as many stay as there are places. Nobody is ended twice, or in mid-work. Tells whether
    the session ended.
    """
    if not any(quota.attribute in told for quota in rater.study.protocol.recruiting.quotas or ()):
        return False
    with locking():
        locked = lock_rater(rater.pk)
        study = lock_study(rater.study_id)
        if locked.withdrawn_at or locked.ending or locked.trials.exists():
            return False
        # Whose place was given to them already keeps it, however often the answer is sent.
        if told.items() <= locked.kinds.items():
            return False
        if full_quota(study, told, now, besides=rater) is None:
            Rater.objects.filter(pk=rater.pk).update(kinds=locked.kinds | dict(told))
            return False
        rater.ending, rater.ended_at = Rater.Ending.FULL, now
        Rater.objects.filter(pk=rater.pk).update(ending=rater.ending, ended_at=now)
    return True


def end_if_answers_are_full(rater: Rater, now: datetime) -> bool:
    """End the session of a rater whose stored answers show that their places are taken."""
    quotas = rater.study.protocol.recruiting.quotas or ()
    asked = {one.attribute for one in quotas if one.attribute.startswith(QUESTION)}
    answers = {name: answer_of(rater, name.removeprefix(QUESTION)) for name in asked}
    told = {name: str(value) for name, value in answers.items() if value is not None}
    return bool(told) and end_if_full(rater, told, now)


def attributes_of(
    platform: Platform | None, language: str, invitation: Invitation | None
) -> dict[str, str]:
    """Return what is known of a person before they consent."""
    group = (invitation.group if invitation else "") or (platform and platform.group) or ""
    return {
        Attribute.LANGUAGE.value: language,
        Attribute.GROUP.value: group,
        Attribute.PLATFORM.value: platform.slug if platform else "",
    }


def holding_places(study: Study, now: datetime) -> QuerySet[Rater]:
    """Return the people of this stage who hold a place: done or at work, not failed or gone."""
    lately = now - PLACE_HELD
    issued = Trial.objects.filter(rater=OuterRef("pk"), issued_at__gt=lately)
    at_it = Q(consented_at__gt=lately) | Exists(issued)
    people = study.raters.filter(stage=study.stage, simulated=False, screened_out_at=None)
    people = people.filter(Q(finished_at__isnull=False) | Q(ending=""))
    if study.protocol.screening.after is After.END:
        people = people.filter(Q(finished_at__isnull=False) | Q(state=Rater.State.USED))
    return people.filter(Q(finished_at__isnull=False) | at_it)


def _of_kind(study: Study, quota: RaterQuota) -> Q:
    """Return what filters raters for those that a quota counts."""
    if quota.attribute == Attribute.LANGUAGE:
        return Q(language=quota.value)
    if quota.attribute == Attribute.PLATFORM:
        return Q(recruit__platform=quota.value)
    if quota.attribute == Attribute.GROUP:
        return _of_group(study, quota.value)
    return Q(kinds__contains={quota.attribute: quota.value})


def _of_group(study: Study, group: str) -> Q:
    """Return what filters raters for those of a group, as `rater_groups` tells it."""
    platforms = [
        platform.slug for platform in study.protocol.recruiting.platforms if platform.group == group
    ]
    by_link = Q(group="", invitation__group=group)
    unlinked = Q(invitation=None) | Q(invitation__group="")
    return Q(group=group) | by_link | (Q(group="", recruit__platform__in=platforms) & unlinked)
