"""The challenge, its versions, and what its page tells."""

from datetime import timedelta, timezone

from django.db import models


class Challenge(models.Model):
    """One challenge as its definition file describes it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    summary = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    forum_url = models.URLField(blank=True)
    # Of the results: an SPDX expression, and a DOI without an address; "" where none is stated.
    license = models.CharField(max_length=200, blank=True)
    doi = models.CharField(max_length=200, blank=True)
    # Names of who holds it, the authors of what is cited; and of who pays for it.
    organizers = models.JSONField(default=list)
    sponsors = models.JSONField(default=list)
    # Organizers alone see a draft, whatever its dates say.
    draft = models.BooleanField(default=False)
    definition_sha256 = models.CharField(max_length=64)
    # What the definition sets of it; see `retention.retention`.
    retention = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class DefinitionVersion(models.Model):
    """What a challenge's definition was from an instant on, as `dump_challenge` writes it.

    `changes` says in lines what became different; `by` is empty where a command did it.
    """

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    changes = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "number"], name="version_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.challenge}, version {self.number}"


class CalendarEntry(models.Model):
    """A date of the challenge that is shown and enforces nothing."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="calendar")
    title = models.CharField(max_length=300)
    at = models.DateTimeField()
    utc_offset = models.DurationField(default=timedelta(0))

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> timezone:
        """The fixed offset in which the date was announced."""
        return timezone(self.utc_offset)


class Announcement(models.Model):
    """News on the challenge's page; `by` is the organizer, empty where the definition has it."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="announcements")
    title = models.CharField(max_length=200)
    text = models.TextField()
    at = models.DateTimeField()
    utc_offset = models.DurationField(default=timedelta(0))
    by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> timezone:
        """The fixed offset in which it is dated."""
        return timezone(self.utc_offset)
