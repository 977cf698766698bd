"""The report on a study's raters as a worker made it last, and each rater's part of it."""

from django.db import models

from ratings.comparisons.models import Rater, Study


class KeptReport(models.Model):
    """What a study's judgments tell of its raters and pictures together; see `rater_reports`."""

    study = models.OneToOneField(Study, models.CASCADE, related_name="rater_report")
    computed_at = models.DateTimeField()
    # How long it took: what takes long is not done again at once.
    seconds = models.FloatField()
    # The newest judgment of any study at that time, and the study's number of changes.
    seen_judgment_id = models.BigIntegerField()
    seen_changes = models.PositiveIntegerField()
    # What it holds is known to the software that made it alone.
    software_version = models.CharField(max_length=40)
    document = models.JSONField()


class ReportedRater(models.Model):
    """One rater in a report, and the place in its order; `facts` are `rater_evidence.FACTS`."""

    report = models.ForeignKey(KeptReport, models.CASCADE, related_name="raters")
    rater = models.OneToOneField(Rater, models.CASCADE, related_name="reported")
    place = models.PositiveIntegerField()
    facts = models.JSONField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["report", "place"], name="reported_rater_unique")
        ]
