"""Changing one study's table of a definition, on pages of its own.

Such a page is a view of the definition, as the form is: it makes a text of what was changed, which
is tried, reviewed and saved as any other. Nothing is stored anywhere else.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from ratings.challenge.definitions.definition import emit_tables
from ratings.comparisons.models import Study
from ratings.comparisons.study.definition_history import snapshot
from ratings.web.desk.definition.definition_page import Edited


def from_now(study: Study) -> Edited:
    """Return the definition that holds the study, as it is now."""
    current = snapshot(study.phase.challenge)
    return Edited(current.text, current.text, current.etag)


def from_form(request: HttpRequest, study: Study) -> Edited:
    """Return the definition from which a form began; where it has none, the one that is now."""
    base, seen = (request.POST.get(name, "").replace("\r\n", "\n") for name in ("base", "seen"))
    return Edited(base, base, seen) if table_of(Edited(base), study.slug) else from_now(study)


def table_of(edited: Edited, slug: str) -> dict[str, Any]:
    """Return the study's table; an empty one where the text has none."""
    return next((row for row in _rows(edited.tables() or {}) if row.get("slug") == slug), {})


def with_keys(edited: Edited, slug: str, keys: Mapping[str, Any]) -> Edited:
    """Return the definition with these keys in the study's table."""
    tables = edited.tables() or {}
    for row in _rows(tables):
        if row.get("slug") == slug:
            row.update(keys)
    return Edited(emit_tables(tables), edited.base, edited.seen)


def _rows(tables: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = tables.get("study")
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
