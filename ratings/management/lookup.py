"""Rows that a command's arguments name; what is not there is answered with what is."""

from typing import TypeVar

from django.core.management.base import CommandError

from ratings.models import Challenge, Phase, Study

Row = TypeVar("Row", Challenge, Study)


def find_by_slug(model: type[Row], slug: str) -> Row:
    """Return the challenge or study of this slug. Raises CommandError with the slugs there are."""
    row: Row | None = model._default_manager.filter(slug=slug).first()
    if row is None:
        known = ", ".join(model._default_manager.values_list("slug", flat=True)) or "none"
        kind = model._meta.verbose_name
        raise CommandError(f"There is no {kind} {slug!r}. There are: {known}.")
    return row


def find_phase(name: str) -> Phase:
    """Return the phase PHASE or CHALLENGE/PHASE. Raises CommandError with those there are."""
    challenge, _, slug = name.rpartition("/")
    phases = Phase.objects.select_related("challenge").order_by("challenge__slug", "position")
    matching = phases.filter(slug=slug)
    if challenge:
        matching = matching.filter(challenge__slug=challenge)
    if matching.count() != 1:
        known = ", ".join(f"{p.challenge.slug}/{p.slug}" for p in matching or phases) or "none"
        what = "There are several phases" if matching else "There is no phase"
        raise CommandError(f"{what} {name!r}. Name one of: {known}.")
    return matching[0]
