"""The one Django app: its rooms share a registry, a migration history and nothing else."""

from django.apps import AppConfig


class RatingsConfig(AppConfig):
    """Registers the rooms' models through ratings.models."""

    name = "ratings"
    default_auto_field = "django.db.models.BigAutoField"
