"""What a panel voted, and what it decided."""

from django.db import models

from ratings.challenge.models import Phase
from ratings.submissions.models import Submission


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
