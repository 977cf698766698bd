"""What is made of a study for others: bundles for whom a link is sent, releases for everybody."""

from django.db import models

from ratings.comparisons.models import Study
from ratings.storage.references import FileRef


class Bundle(models.Model):
    """A study's replication bundle, as a zip that whoever has its link may fetch.

    The row goes when its time is over or it is revoked, and with it the link and the file.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a worker"
        WRITING = "writing", "fits the rankings and writes the files"
        PACKING = "packing", "packs the files"
        READY = "ready", "is ready"
        FAILED = "failed", "could not be made"

    UNDER_WAY = (State.WAITING, State.WRITING, State.PACKING)

    study = models.ForeignKey(Study, models.CASCADE, related_name="bundles")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    problem = models.TextField(blank=True)
    # What a second implementation says of the scores.
    check_words = models.TextField(blank=True)
    by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # None until it is ready or failed.
    expires_at = models.DateTimeField(null=True)
    size_bytes = models.PositiveBigIntegerField(null=True)
    # "" until it is ready.
    sha256 = FileRef(blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study"],
                condition=models.Q(state__in=["waiting", "writing", "packing"]),
                name="bundle_one_under_way",
            )
        ]
        indexes = [models.Index(fields=["sha256"], name="bundle_file")]


class PublicRelease(models.Model):
    """A version of a study's data as everybody may have it: asked for, made, scanned, published.

    Whoever published it may withdraw it; the row stays, the file goes.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a worker"
        WRITING = "writing", "fits the rankings and writes the files"
        SCANNING = "scanning", "is scanned for what must not be in it"
        PUBLISHED = "published", "is published"
        REFUSED = "refused", "was not published: the scan found something"
        FAILED = "failed", "could not be made"
        WITHDRAWN = "withdrawn", "is withdrawn"

    UNDER_WAY = (State.WAITING, State.WRITING, State.SCANNING)

    study = models.ForeignKey(Study, models.CASCADE, related_name="public_releases")
    # The version, from 1; one that is not published leaves its number to the next.
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    # What raters' names in it are made with; deleted once it is made, so that none leads back.
    secret = models.CharField(max_length=64, blank=True)
    # Of the data, by SPDX; and what the organizer chose to add: the data sets of whose pictures
    # there are crops, and of which whole ones.
    license = models.CharField(max_length=200)
    pictures = models.JSONField(default=list)
    whole_pictures = models.JSONField(default=list)
    # Methods whose names the organizer said are public, though a person's or an account's is in it.
    public_labels = models.JSONField(default=list)
    by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    # When somebody's data were erased that it was made of.
    outdated_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    # What a second implementation says of the scores.
    check_words = models.TextField(blank=True)
    # What the scan found, by file, line, column and kind; and numbers of what was looked at.
    findings = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    # What makes its rankings again, and the files in it but for pictures: path, bytes,
    # SHA-256.
    commands = models.JSONField(default=list)
    files = models.JSONField(default=list)
    size_bytes = models.PositiveBigIntegerField(null=True)
    # "" where there is no file.
    sha256 = FileRef(blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study"],
                condition=models.Q(state__in=["waiting", "writing", "scanning"]),
                name="release_one_under_way",
            ),
            models.UniqueConstraint(
                fields=["study", "number"],
                condition=models.Q(state__in=["published", "withdrawn"]),
                name="release_number_unique",
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="release_file")]

    def __str__(self) -> str:
        return f"{self.study}, release {self.number}"

    @property
    def version(self) -> int | None:
        """Its number, unless it left that to the next one."""
        return None if self.state in (self.State.REFUSED, self.State.FAILED) else self.number
