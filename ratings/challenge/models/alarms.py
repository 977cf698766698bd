"""Alarms: what is wrong and should not be, since when, and who has seen to it."""

from django.conf import settings
from django.db import models

from ratings.challenge.models.challenges import Challenge


class Alarm(models.Model):
    """One alarm, from when it was found until it was over; nobody ends it by hand.

    `key` names what it is about: at a time one alarm about it is on. Without a challenge it is
    about the site. `path` leads to the desk's page on it.
    """

    key = models.CharField(max_length=200)
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, related_name="alarms")
    title = models.CharField(max_length=300)
    means = models.TextField(blank=True, default="", db_default="")
    mend = models.TextField(blank=True, default="", db_default="")
    path = models.CharField(max_length=300, blank=True, default="", db_default="")
    since = models.DateTimeField()
    found_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(ended_at=None), name="alarm_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.title
