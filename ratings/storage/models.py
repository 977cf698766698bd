"""Leftover: a stored file whose time is running out."""

from django.db import models


class Leftover(models.Model):
    """A stored file that no row names, and from when on it may go; `shelf` is its folder."""

    shelf = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=64)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shelf", "name"], name="leftover_unique")]
