"""Rows that a command's arguments name; what is not there is answered with what is."""

from typing import TypeVar

from django.core.management.base import CommandError

from ratings.models import Challenge, Study

Row = TypeVar("Row", Challenge, Study)


def find(model: type[Row], slug: str) -> Row:
    """Return the challenge or study of this slug. Raises CommandError with the slugs there are."""
    found: Row | None = model._default_manager.filter(slug=slug).first()
    if found is None:
        known = ", ".join(model._default_manager.values_list("slug", flat=True)) or "none"
        kind = model._meta.verbose_name
        raise CommandError(f"There is no {kind} {slug!r}. There are: {known}.")
    return found
