"""Saving a definition, or trying it, as desk and API do: without a folder of pictures."""

from dataclasses import dataclass

from django.db import transaction

from ratings.challenge.refusals import Refused
from ratings.comparisons.study.definition_history import Author
from ratings.comparisons.study.whole_definition import Loaded, load_whole
from ratings.jobs.tasks import queue_preparing


def save(slug: str, text: str, seen: str, author: Author) -> Loaded:
    """Load a definition of this challenge, and queue what its studies need. Raises Refused."""
    with transaction.atomic():
        loaded = load_whole(text, None, author=author, seen=seen, slug=slug)
        queue_preparing(loaded.studies)
    return loaded


@dataclass(frozen=True)
class TriedDefinition:
    """What stands against saving a definition; or what it changes, and what its file says then."""

    problems: list[str]
    changes: list[str]
    text: str


def check(slug: str, text: str, seen: str | None = None) -> TriedDefinition:
    """Return what saving a definition would do, on that of the etag `seen`; nothing of it stays."""
    try:
        loaded = load_whole(text, None, dry_run=True, slug=slug, seen=seen)
    except Refused as refused:
        return TriedDefinition(refused.problems, [], text)
    return TriedDefinition([], loaded.changes, loaded.after.text)
