"""Columns that name stored files: why a file is there, read from the models alone."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import models

from ratings.storage.shelves import CONTENT, Shelf

SHA256_DIGITS = 64


class FileRef(models.CharField):  # type: ignore[type-arg]
    """A column that names a stored file: as long as the row is there, so is the file.

    `shelves` are all that have a file of this name, such as one that was made of it.
    """

    def __init__(
        self,
        *args: Any,
        shelves: Sequence[Shelf] = (CONTENT,),
        **kwargs: Any,
    ) -> None:
        self.shelves = tuple(shelves)
        super().__init__(*args, **{"max_length": SHA256_DIGITS} | kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Say what the database sees: a text."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def file_refs() -> Iterator[FileRef]:
    """Yield every column of every model that names stored files."""
    for model in apps.get_models():
        yield from (f for f in model._meta.local_fields if isinstance(f, FileRef))


def named_in(shelf: Shelf, part: str) -> set[str]:
    """Return the names that rows need on a shelf, of those that begin with this digit."""
    # "g" comes after all digits: a range is what an index finds in any collation.
    return _names(shelf, gte=part, lt=f"{part}g")


def named_of(shelf: Shelf, names: Collection[str]) -> set[str]:
    """Return which of these names rows need on a shelf."""
    return _names(shelf, **{"in": names})


def _names(shelf: Shelf, **lookups: Any) -> set[str]:
    """Ask all columns in one statement: rooms are many, and a survey asks for part after part."""
    columns = []
    for field in file_refs():
        if shelf in field.shelves:
            conditions = {f"{field.name}__{lookup}": value for lookup, value in lookups.items()}
            rows = field.model._base_manager.filter(**conditions).order_by()
            columns.append(rows.values_list(field.name, flat=True))
    return set(columns[0].union(*columns[1:]).iterator()) if columns else set()


def namers(shelf: Shelf, name: str) -> list[str]:
    """Return the rows that name a file, in words: "decoded image 12"."""
    return [
        f"{field.model._meta.verbose_name} {pk}"
        for field in file_refs()
        if shelf in field.shelves
        for pk in field.model._base_manager.filter(**{field.name: name}).values_list(
            "pk", flat=True
        )
    ]
