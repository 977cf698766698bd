"""Ranking and Score, a fit kept as it was computed; what people decided; what is made of it."""

from django.db import models

from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Entry, Study
from ratings.storage.references import FileRef
from ratings.submissions.models import Submission

# What a ranking saw: both grow. Of two rankings the one that saw more is the later one, whatever
# the clocks of their workers say; clocks decide where both saw the same.
SEEN = ("seen_changes", "seen_judgment_id")
ORDER = (*SEEN, "computed_at")


class Ranking(models.Model):
    """A value: the same settings, input and version of the method make the same ranking."""

    class Variant(models.TextChoices):
        USED = "used", "raters who are used"
        CAREFUL = "careful", "without fast answers"
        ENTERED = "entered", "with entries that are out"
        ALL = "all", "with raters who are not used"

    study = models.ForeignKey(Study, models.CASCADE, related_name="rankings")
    # Of the judgments on one data set; None: of all.
    dataset = models.ForeignKey(Dataset, models.CASCADE, null=True, related_name="+")
    # Which answers it is of; the counters hold those of the published one, `used`.
    variant = models.CharField(max_length=7, choices=Variant, default=Variant.USED)
    # Of a variant: the published ranking of the same judgments, which it is compared with.
    beside = models.ForeignKey("self", models.SET_NULL, null=True, related_name="variants")
    # When it was last found to be the fit of the study's judgments, by the clock of the worker.
    computed_at = models.DateTimeField()
    # The newest judgment of any study at that time, and the study's number of changes.
    seen_judgment_id = models.BigIntegerField()
    seen_changes = models.PositiveIntegerField(default=0)
    settings = models.JSONField()
    input_sha256 = models.CharField(max_length=64)
    # `fitting.METHOD_VERSION`; the software that stored it is told beside.
    method_version = models.CharField(max_length=40)
    software_version = models.CharField(max_length=40)
    judgments = models.PositiveIntegerField()
    raters = models.PositiveIntegerField()
    pictures = models.PositiveIntegerField()
    simulated = models.BooleanField()
    provisional = models.BooleanField()
    notes = models.JSONField(default=list)
    # The strength of ties, where the study's tie model has one.
    tie = models.FloatField(null=True)
    # Labels of neighbours in rank order of whom no two are told apart; see fitting.Fit.groups.
    groups = models.JSONField(default=list)
    # What is known of each pair of ranked methods; see psychometrics.report.published.
    pairs = models.JSONField(default=dict)
    # Of the ranked methods that are not placed, by label; see psychometrics.inference.open_ends.
    open_ends = models.JSONField(default=dict)
    # Of the scores of the placed methods, in order of rank; None where there are no intervals.
    covariance = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("study", "dataset", "variant"),
                    *("input_sha256", "settings", "method_version"),
                ],
                nulls_distinct=False,
                name="ranking_unique",
            )
        ]
        indexes = [
            models.Index(fields=["study", "dataset", "variant", *ORDER], name="ranking_latest")
        ]
        get_latest_by = ORDER


def latest_ranking(
    study: Study, dataset: Dataset | None = None, variant: str = Ranking.Variant.USED
) -> Ranking | None:
    """Return the ranking that the study's board shows, or None before the first judgment.

    `dataset` is one of several data sets of the study's phase; None is all of them together.
    """
    try:
        return study.rankings.filter(dataset=dataset, variant=variant).latest()
    except Ranking.DoesNotExist:
        return None


def is_simulated(study: Study | None) -> bool:
    """Tell whether a study's latest ranking has judgments of synthetic raters in it."""
    latest = latest_ranking(study) if study else None
    return latest is not None and latest.simulated


class Score(models.Model):
    """One method's place in a ranking, as in `fitting.Row`."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="scores")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="scores")
    rank = models.PositiveIntegerField(null=True)
    rank_low = models.PositiveIntegerField(null=True)
    rank_high = models.PositiveIntegerField(null=True)
    score = models.FloatField(null=True)
    se = models.FloatField(null=True)
    ci_low = models.FloatField(null=True)
    ci_high = models.FloatField(null=True)
    band_low = models.FloatField(null=True)
    band_high = models.FloatField(null=True)
    degrees_of_freedom = models.FloatField(null=True)
    win_rate = models.FloatField(null=True)
    judgments = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ranking", "entry"], name="score_unique")]


class FrozenRanking(models.Model):
    """A published ranking as a text that never changes, at an address made of its digest.

    The text says all that is known of it, with names as they were; its row may be replaced, or go.
    `study` and `dataset` are slugs, the latter "" for all pictures. `rates` are the slugs of all
    phases that a study of a series compares, `phase` among them; else there are none.
    """

    digest = models.CharField(max_length=64, unique=True)
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="frozen_rankings")
    study = models.CharField(max_length=50)
    dataset = models.CharField(max_length=50, blank=True)
    rates = models.JSONField(default=list)
    ranking = models.OneToOneField(Ranking, models.SET_NULL, null=True, related_name="frozen")
    computed_at = models.DateTimeField()
    judgments = models.PositiveIntegerField()
    # As JSON, see `frozen_rankings.canonical`; its SHA-256 is the digest while nothing is redacted.
    document = models.TextField()
    # Once a name was erased: when last, and the SHA-256 of the text without it.
    redacted_at = models.DateTimeField(null=True)
    redacted_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["computed_at", "id"]
        indexes = [
            models.Index(fields=["study", "dataset", "computed_at", "id"], name="frozen_in_order")
        ]


class PanelVote(models.Model):
    """A panel member's vote for the overall winner; the member's newest counts, all are kept."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="panel_votes")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="panel_votes")
    member = models.CharField(max_length=150)
    remarks = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class Award(models.Model):
    """What the panel decided, and why; a withdrawn one stays on record."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="awards")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="awards")
    title = models.CharField(max_length=200)
    statement = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.title


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
