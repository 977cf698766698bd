"""Places bought from a platform: how a recruitment stands, and each act on it, kept for good."""

from django.db import models

from ratings.comparisons.models.people import Rater
from ratings.comparisons.models.studies import Study, random_address


class Recruitment(models.Model):
    """What a [[study.recruiter]] has done: the platform's study, its places, why it stands still.

    Amounts are minor units of `currency`. `places` is the total that was ordered, an absolute
    number; `price` what the platform takes for one, with fee and VAT, rounded up.
    """

    class State(models.TextChoices):
        NEW = "new", "no draft yet"
        DRAFT = "draft", "a draft"
        RUNNING = "running", "recruiting"
        PAUSED = "paused", "paused"
        STOPPED = "stopped", "at its end"
        ENDED = "ended", "stopped for good"

    study = models.ForeignKey(Study, models.CASCADE, related_name="recruitments")
    platform = models.SlugField()
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    # Why it is paused or stopped, in words.
    reason = models.CharField(max_length=300, blank=True)
    # The study's name at the platform that only we know: a draft whose answer was lost is found.
    key = models.CharField(max_length=32, unique=True, default=random_address)
    # The rating page's address with the platform's placeholders.
    link = models.TextField(blank=True)
    remote_id = models.CharField(max_length=100, blank=True)
    remote_state = models.CharField(max_length=30, blank=True)
    places = models.PositiveIntegerField(default=0)
    price = models.PositiveIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    # Submissions by the platform's status, and how many wait for somebody's decision here.
    counts = models.JSONField(default=dict)
    waiting = models.JSONField(default=list)
    seen_at = models.DateTimeField(null=True)
    # What went wrong last, and before when nothing is tried again.
    trouble = models.CharField(max_length=500, blank=True)
    mend = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "platform"], name="recruitment_unique")
        ]


class RecruiterAct(models.Model):
    """One act on a platform: ordered with the decision, then sent, then over.

    An act that is `sent` and not over may have taken effect: it is read back before it is sent
    again. `amount` is the total of places, or of money in minor units.
    """

    class Kind(models.TextChoices):
        CREATE = "create", "make a draft"
        PUBLISH = "publish", "publish"
        PLACES = "places", "set the places"
        PAUSE = "pause", "pause"
        START = "start", "go on"
        STOP = "stop", "stop for good"
        APPROVE = "approve", "approve"
        REJECT = "reject", "reject"
        RETURN = "return", "ask to return"
        BONUS = "bonus", "pay a bonus"

    class State(models.TextChoices):
        ORDERED = "ordered", "ordered"
        SENT = "sent", "sent"
        DONE = "done", "done"
        REFUSED = "refused", "refused"
        # A bonus whose answer was lost, and that the platform does not show: a person looks.
        UNCLEAR = "unclear", "unclear"

    OPEN = (State.ORDERED, State.SENT)

    recruitment = models.ForeignKey(Recruitment, models.CASCADE, related_name="acts")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.ORDERED)
    # The platform's name of a person's submission; erased with the person, the act stays.
    submission = models.CharField(max_length=100, blank=True)
    rater = models.ForeignKey(Rater, models.SET_NULL, null=True, related_name="recruiter_acts")
    amount = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)
    # What a bonus costs with fee and VAT, and by what it is read back: the platform's name of the
    # payment, and how many bonuses the person had before.
    cost = models.PositiveIntegerField(default=0)
    kept = models.JSONField(default=dict)
    # The organizer's name; "" where the rule ordered it.
    ordered_by = models.CharField(max_length=150, blank=True)
    ordered_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            # Each person is paid, refused, asked and given a bonus once.
            models.UniqueConstraint(
                fields=["recruitment", "kind", "submission"],
                condition=~models.Q(submission=""),
                name="recruiter_act_once",
            )
        ]
