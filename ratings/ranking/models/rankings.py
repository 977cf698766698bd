"""Ranking and Score, a fit kept as it was computed, and what never changes of a published one."""

from django.db import models

from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Entry, Study

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
        ADJUSTED = "adjust", "with covariates taken out"
        STRATIFIED = "strata", "with the pictures' mix of strata"

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
    # What judgments are clustered by, where it is not by raters or by pictures.
    rater_groups = models.PositiveIntegerField(null=True)
    scenes = models.PositiveIntegerField(null=True)
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
    # What was taken out of it, as `adjusting.adjustment` says; empty where nothing was.
    adjustment = models.JSONField(default=dict, db_default={})
    # Of the scores of the placed methods, in order of rank; None where there are no intervals.
    covariance = models.JSONField(null=True)
    # What raters and pictures leave of a score's variance, see psychometrics.design.floor; None for
    # data sets and variants, and before it was estimated.
    floor_raters = models.FloatField(null=True)
    floor_pictures = models.FloatField(null=True)

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
    score_at_least = models.FloatField(null=True)
    score_at_most = models.FloatField(null=True)

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
