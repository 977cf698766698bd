"""Teams, their members, and what is kept of acts about them."""

from django.db import models
from django.db.models.functions import Lower

from ratings.challenge.models.challenges import Challenge


class Team(models.Model):
    """Who submits. `key` is the name in one normal form, so that look-alikes are one team."""

    class Kind(models.TextChoices):
        COMPETING = "competing", "competing"
        INELIGIBLE = "ineligible", "not eligible for prizes"
        BASELINE = "baseline", "baseline"

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="teams")
    name = models.CharField(max_length=128)
    key = models.CharField(max_length=512)
    password = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True, max_length=128)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.COMPETING)
    kind_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "key"], name="team_name_unique")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_baseline(self) -> bool:
        """Whether organizers enter it to compare with; rules of submitting don't bind it."""
        return self.kind == self.Kind.BASELINE


class Member(models.Model):
    """Somebody who acts for a team by a name and password of their own.

    `key` is the name in one normal form; name and address mean one person in the challenge. Who
    joined first owns the team.
    """

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    name = models.CharField(max_length=128)
    key = models.CharField(max_length=512)
    password = models.CharField(max_length=200)
    email = models.EmailField(blank=True, max_length=128)
    joined_at = models.DateTimeField()

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "key"], name="member_name_unique"),
            models.UniqueConstraint(
                "challenge",
                Lower("email"),
                condition=~models.Q(email=""),
                name="member_email_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.team}"


class AuditEntry(models.Model):
    """What an organizer did by hand where rules would have said no, or about people.

    What a team does about its members, or takes away, is recorded too. Without a challenge it is
    about the site.
    """

    class Kind(models.TextChoices):
        LATE = "late", "took a late submission in"
        DECODER = "decoder", "registered a decoder"
        PASSWORD = "password", "set a team's password anew"
        KIND = "kind", "changed a team's kind"
        FACTSHEET = "factsheet", "took a late factsheet in"
        ERASE = "erase", "erased a team's personal data"
        STOP = "stop", "stopped a decoder"
        RUN = "run", "let a decoder run again"
        WITHDRAW = "withdraw", "withdrew a submission"
        DISQUALIFY = "disqualify", "disqualified a submission"
        READMIT = "readmit", "took a submission in again"
        INVITE = "invite", "invited somebody"
        UNINVITE = "uninvite", "took an invitation back"
        JOIN = "join", "joined by an invitation"
        ROLE = "role", "gave an account a role"
        NO_ROLE = "no-role", "took a role away from an account"
        RESET = "reset", "reset an account's password"
        NEW_PASSWORD = "new-password", "set a password by a link"
        OWN_PASSWORD = "own-password", "changed the own password"
        REMOVE = "remove", "removed a member from a team"
        DELETE = "delete", "deleted an open submission"
        RATER = "rater", "erased what leads to a rater"
        PUBLISH = "publish", "had a public release made"
        UNPUBLISH = "unpublish", "withdrew a public release"
        LABEL = "label", "said that a method's name is public"
        METRIC = "metric", "sent a metric"
        NEW_METRIC = "new-metric", "sent a metric again, in place of the one before"
        NO_METRIC = "no-metric", "withdrew a metric"
        METRICS = "metrics", "released the board of metrics"
        NO_METRICS = "no-metrics", "took the board of metrics back"
        BASELINE = "baseline", "had baselines made"
        NO_BASELINE = "no-baseline", "stopped the making of baselines"
        WORKER = "worker", "made a token for a worker"
        NO_WORKER = "no-worker", "revoked a worker's token"
        MAIN = "main", "went over from a pilot to the main stage"
        PILOT = "pilot", "went back to a pilot"
        RECRUITER = "recruiter", "ordered something of a recruiter"
        HOOK = "hook", "added a hook, or changed it"
        NO_HOOK = "no-hook", "removed a hook"

    challenge = models.ForeignKey(
        Challenge, models.CASCADE, null=True, related_name="audit_entries"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    # Named here alone, so that a team's name can be erased.
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="audit_entries")
    # What it was about, in the words of its time: nothing is found by it.
    subject = models.TextField(blank=True)
    note = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.by} {self.get_kind_display()}: {self.subject}"
