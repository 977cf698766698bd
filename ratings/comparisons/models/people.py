"""Who judges: raters, how they came, when they were here, and what was decided about them."""

import uuid

from django.conf import settings
from django.db import models

from ratings.challenge.models import Team
from ratings.comparisons.models.studies import Stage, Study, random_address


class Invitation(models.Model):
    """A personal link, or one for a group: whoever has its token may judge, so many in all."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="invitations")
    token = models.CharField(max_length=32, unique=True, default=random_address)
    label = models.CharField(max_length=100, blank=True)
    # Of those who come by it, such as the lab that they sit in: see `raters.rater_groups`.
    group = models.CharField(max_length=100, blank=True, default="", db_default="")
    most_raters = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True)


class Rater(models.Model):
    """One person, or one synthetic rater, in one study: a random identifier and nothing else."""

    class State(models.TextChoices):
        USED = "used", "used"
        NOT_USED = "not_used", "paid but not used"
        REJECTED = "rejected", "rejected"

    class Ending(models.TextChoices):
        HOPELESS = "hopeless", "checks were hopeless"
        AWAY = "away", "stayed away too long"
        FULL = "full", "places of their kind are taken"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, models.CASCADE, related_name="raters")
    consent = models.TextField()
    consented_at = models.DateTimeField()
    language = models.CharField(max_length=10, default="en")
    simulated = models.BooleanField(default=False)
    invitation = models.ForeignKey(
        Invitation, models.PROTECT, null=True, related_name="raters", db_index=True
    )
    # Kept here once what tells it is erased; see `raters.rater_groups`.
    group = models.CharField(max_length=100, blank=True, default="", db_default="")
    # The newest decision's; the counters hold the judgments of those used, and no others.
    state = models.CharField(max_length=8, choices=State, default=State.USED)
    # In which they began, and which they stay in; see `judgments.counting_rule`.
    stage = models.CharField(max_length=5, choices=Stage, default=Stage.MAIN, db_default="main")
    # When the last trial was judged, and when the training was failed for good.
    finished_at = models.DateTimeField(null=True)
    screened_out_at = models.DateTimeField(null=True)
    # Why a rule ended the session before its last trial, and when; an organizer may lift it.
    ending = models.CharField(max_length=8, choices=Ending, blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True)
    # What they answered that a quota looks at, by the quota's attribute; erased on request.
    kinds = models.JSONField(default=dict, db_default={}, blank=True)
    # The team that they said they are a member of: they don't judge its pictures.
    own_team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+")
    # When the rater asked for their answers to be deleted, see `voices.withdrawal`.
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["study"], condition=~models.Q(group=""), name="rater_group_kept")
        ]


class Recruit(models.Model):
    """The link from a rater to a person of a recruiting platform; erased on request."""

    rater = models.OneToOneField(Rater, models.CASCADE, related_name="recruit")
    study = models.ForeignKey(Study, models.CASCADE, related_name="recruits")
    platform = models.SlugField()
    participant = models.CharField(max_length=100)
    platform_study = models.CharField(max_length=100, blank=True)
    platform_session = models.CharField(max_length=100, blank=True)
    # 0 for a person's first session; counts up where a person may judge more than once.
    session_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "platform", "participant", "session_number"], name="recruit_unique"
            )
        ]


class UnfilledLink(models.Model):
    """That people came by a platform's link with unfilled placeholders, and what stood there."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="unfilled_links")
    platform = models.SlugField()
    value = models.CharField(max_length=100, blank=True)
    times = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "platform"], name="unfilled_link_unique")
        ]


class Visit(models.Model):
    """One time that a rater opened the rating page, and the browser it was in."""

    rater = models.ForeignKey(Rater, models.CASCADE, related_name="visits")
    number = models.PositiveIntegerField()
    begun_at = models.DateTimeField()
    browser = models.CharField(max_length=300, blank=True)
    # What the page found of window, screen, pixel ratio and zoom when it began.
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rater", "number"], name="visit_unique")]


class Decision(models.Model):
    """Whether a rater's judgments are used, and why; appended, the newest one holds.

    `decided_by` is the organizer, None where a rule of the study decided; `rule` has its words
    and thresholds, `figures` what it looked at.
    """

    rater = models.ForeignKey(Rater, models.CASCADE, related_name="decisions")
    state = models.CharField(max_length=8, choices=Rater.State)
    reason = models.CharField(max_length=300)
    rule = models.CharField(max_length=200, blank=True)
    figures = models.JSONField(default=dict)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField()
