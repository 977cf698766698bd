"""Events that are to be told, to whom each goes, hooks, and who wants no mail."""

from uuid import uuid4

from django.db import models


class Event(models.Model):
    """Something that happened, written in the transaction in which it did.

    What it is about is named by keys, never by names or addresses: those are looked up when it is
    told, so that erasing them needs no look at what waits here. `single` makes it one event,
    however often it is recorded.
    """

    class Kind(models.TextChoices):
        SCORED = "submission.scored", "a submission was scored"
        FAILED = "submission.failed", "a submission failed"
        MOVED = "deadline.moved", "a deadline was moved"
        SOON = "deadline.soon", "a deadline is 24 hours away"
        ANNOUNCED = "announcement.published", "something was announced"
        NEEDED = "person.needed", "a person is needed"
        PASSWORD = "password.link", "somebody asked for a new password"
        INVITED = "team.invitation", "somebody was invited into a team"
        TEST = "hook.test", "a hook was tried"

    id = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=30, choices=Kind)
    at = models.DateTimeField(db_index=True)
    # Keys of the challenge and the team that it is about; None: of the site, or of all teams.
    challenge = models.BigIntegerField(null=True)
    team = models.BigIntegerField(null=True)
    # The key of what it is about: a submission's, a phase's, an announcement's, a member's.
    about = models.CharField(max_length=64, blank=True)
    # What else hooks and letters are told; nothing that leads to a person.
    facts = models.JSONField(default=dict)
    single = models.CharField(max_length=200, null=True, unique=True)
    spread_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["at"], condition=models.Q(spread_at=None), name="event_to_be_spread"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


class Hook(models.Model):
    """An address that events of a challenge are posted to; `secret` signs what is sent there.

    After a rotation what is sent is signed with the secret before too, for a while.
    """

    challenge = models.BigIntegerField(db_index=True)
    url = models.URLField(max_length=500)
    kinds = models.JSONField(default=list)
    secret = models.CharField(max_length=100)
    secret_before = models.CharField(max_length=100, blank=True)
    rotated_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    # Since when nothing has arrived, and from when on nothing is tried any more.
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.url


class Dispatch(models.Model):
    """An event on its way to one receiver: "team 5", "member 7", "user 2" by mail, or a hook.

    Rows of one receiver with the same `letter` are one mail, and stay so over retries.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "on its way"
        DELIVERED = "delivered", "delivered"
        GIVEN_UP = "given-up", "given up"
        DROPPED = "dropped", "no longer wanted"

    event = models.ForeignKey(Event, models.CASCADE, related_name="dispatches")
    receiver = models.CharField(max_length=40, db_index=True)
    hook = models.ForeignKey(Hook, models.CASCADE, null=True, related_name="dispatches")
    letter = models.UUIDField(null=True, db_index=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it is tried next, and when it was last; while somebody tries, the next is a while off.
    next_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # How it last went: the receiver's status, and a short word on what was wrong.
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "receiver"], name="dispatch_unique")
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(outcome="open"), name="dispatch_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.receiver}"


class MailChoice(models.Model):
    """Whether a receiver wants mail about a kind of event; without a row the default says it.

    The receiver "site" is the default of all others of that audience ("site team", "site user").
    """

    receiver = models.CharField(max_length=40)
    kind = models.CharField(max_length=30, choices=Event.Kind)
    is_on = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receiver", "kind"], name="mail_choice_unique")
        ]

    def __str__(self) -> str:
        return f"{self.receiver}: {self.kind} {'on' if self.is_on else 'off'}"
