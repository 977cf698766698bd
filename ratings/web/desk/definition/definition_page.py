"""The desk's page of a challenge's definition: filled in, checked while typing, reviewed, saved.

Whoever edits works on a text. The form is a view of it; nothing is stored before it is saved, and
what is saved is what the API saves.
"""

import difflib
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ratings.challenge.definitions.changes import changes
from ratings.challenge.definitions.definition import emit_tables
from ratings.challenge.definitions.merging import merge
from ratings.challenge.keys.toml_text import read_toml
from ratings.challenge.models import Challenge, DefinitionVersion
from ratings.challenge.refusals import Refused
from ratings.comparisons.study.definition_history import Author, snapshot
from ratings.comparisons.study.fixed_keys import fixed_keys
from ratings.jobs.definition_actions import TriedDefinition, check, save
from ratings.web.desk.definition import definition_form
from ratings.web.desk.definition.definition_form import FilledTable, Tables
from ratings.web.desk.definition.definition_keys import SECTIONS, TABLES, Section
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of

LONGEST_NOTE = 500
LINES_AROUND = 3


@dataclass(frozen=True)
class Edited:
    """A definition as it is edited: `text`, from the one of `base`, whose etag is `seen`.

    `as_text` tells whether the text itself is edited, not the form.
    """

    text: str
    base: str = ""
    seen: str = ""
    as_text: bool = False
    problems: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)

    def tables(self) -> Tables | None:
        """Return what the text says; None where it is no TOML."""
        try:
            return read_toml(self.text)
        except Refused:
            return None


@dataclass(frozen=True)
class FilledSection:
    """A section of the form with its tables."""

    section: Section
    rows: list[FilledTable]


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def definition(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a challenge's definition as a form, or as its text; take what was changed."""
    challenge = get_object_or_404(Challenge, slug=slug)
    if request.method == "POST":
        return taken(request, challenge)
    current = snapshot(challenge)
    as_text = request.GET.get("as") == "text"
    return editor(request, challenge, Edited(current.text, current.text, current.etag, as_text))


def taken(request: HttpRequest, challenge: Challenge | None) -> HttpResponse:
    """Do what a button of the editor says."""
    edited, do = edited_in(request), request.POST.get("do", "review")
    what, _, rest = do.partition(":")
    tables = edited.tables()
    if what == "check":
        return JsonResponse(_checked(challenge, edited))
    if what == "save":
        return _saved(request, challenge, edited)
    if tables is not None and what in ("add", "drop"):
        return editor(request, challenge, _with_text(edited, emit_tables(_moved(tables, do))))
    if tables is not None and what == "as":
        return editor(request, challenge, _with_text(edited, edited.text, rest == "text"))
    return reviewed(request, challenge, edited)


def edited_in(request: HttpRequest) -> Edited:
    """Return what a request edits: its text, with the form's fields in their keys' place."""
    post = request.POST
    base, seen = (post.get(name, "").replace("\r\n", "\n") for name in ("base", "seen"))
    text, as_text = post.get("text", "").replace("\r\n", "\n"), "as_text" in post
    edited = Edited(text, base, seen, as_text)
    tables = edited.tables()
    if tables is None or as_text:
        return edited
    sent = {name: str(value) for name, value in post.items()}
    return _with_text(edited, emit_tables(definition_form.sent(tables, sent)))


def _with_text(edited: Edited, text: str, as_text: bool | None = None) -> Edited:
    kept = edited.as_text if as_text is None else as_text
    return Edited(text, edited.base, edited.seen, kept, edited.problems, edited.conflicts)


def _moved(tables: Tables, do: str) -> Tables:
    """Return the tables with one more of a kind, or without one, as a button says."""
    what, kind, *rest = do.split(":")
    if kind not in TABLES:
        return tables
    if what == "add":
        return definition_form.with_one_more(tables, kind)
    number = rest[0] if rest and rest[0].isdecimal() else "-1"
    return definition_form.without(tables, kind, int(number))


def _slug(challenge: Challenge | None, edited: Edited) -> str:
    """Return the slug of what is edited; that of a new challenge stands in its text."""
    if challenge:
        return challenge.slug
    return str((edited.tables() or {}).get("slug", ""))


def tried(challenge: Challenge | None, edited: Edited) -> TriedDefinition:
    """Return what saving would do; a new challenge must not be there yet."""
    return check(_slug(challenge, edited), edited.text, None if challenge else "")


def _checked(challenge: Challenge | None, edited: Edited) -> dict[str, Any]:
    """Return what is wrong with what is typed, and what saving it would change."""
    checked = tried(challenge, edited)
    tables = edited.tables() or {}
    fields = (one for row in _rows(tables, checked.problems, {}) for one in row.fields)
    at_fields = {one.name: " ".join(one.problems) for one in fields if one.problems}
    return vars(checked) | {"text": edited.text, "fields": at_fields}


def _rows(tables: Tables, problems: list[str], locks: dict[str, str]) -> list[FilledTable]:
    return [row for part in filled(tables, problems, locks) for row in part.rows]


def filled(tables: Tables, problems: list[str], locks: dict[str, str]) -> list[FilledSection]:
    """Return the whole form, filled in."""
    return [
        FilledSection(
            section,
            [
                definition_form.fields(section, table, number, problems, locks)
                for number, table in enumerate(definition_form.tables_of(tables, section))
            ],
        )
        for section in SECTIONS
    ]


def editor(
    request: HttpRequest, challenge: Challenge | None, edited: Edited, status: int = 200
) -> HttpResponse:
    """Show a definition as it is edited; without a challenge, one that is to be new."""
    tables = edited.tables()
    locks = fixed_keys(challenge) if challenge else {}
    page = {
        "challenge": challenge,
        "edited": edited,
        "as_text": edited.as_text or tables is None,
        "sections": filled(tables or {}, edited.problems, locks),
        "locks": locks,
        "versions": challenge.versions.count() if challenge else 0,
    }
    return render(request, "desk/definition.html", page, status=status)


def _with_problems(edited: Edited, problems: list[str]) -> Edited:
    return Edited(edited.text, edited.base, edited.seen, edited.as_text, problems)


def reviewed(request: HttpRequest, challenge: Challenge | None, edited: Edited) -> HttpResponse:
    """Show what saving would change, before anything is; or what stands against it."""
    checked = tried(challenge, edited)
    if checked.problems:
        return editor(request, challenge, _with_problems(edited, checked.problems), 422)
    return review(request, challenge, edited, checked)


def review(
    request: HttpRequest, challenge: Challenge | None, edited: Edited, checked: TriedDefinition
) -> HttpResponse:
    """Show what saving would change where nothing stands against it; its button saves."""
    page = {
        "challenge": challenge,
        "edited": edited,
        "changes": checked.changes,
        "lines": _lines(edited.base, checked.text),
    }
    return render(request, "desk/definition_review.html", page)


def _lines(before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines that differ and some around them, each with its mark: "+", "-" or " "."""
    pair = before.splitlines(), after.splitlines()
    lines = list(difflib.unified_diff(*pair, n=LINES_AROUND, lineterm=""))[2:]
    return [("@", "") if line.startswith("@@") else (line[:1], line[1:]) for line in lines]


def _saved(request: HttpRequest, challenge: Challenge | None, edited: Edited) -> HttpResponse:
    note = request.POST.get("note", "").strip()[:LONGEST_NOTE]
    slug = _slug(challenge, edited)
    try:
        save(slug, edited.text, edited.seen, Author(request.user.get_username(), note))
    except Refused as refused:
        if refused.code == "definition-changed" and challenge:
            return editor(request, challenge, merged(challenge, edited), 409)
        return editor(request, challenge, _with_problems(edited, refused.problems), 422)
    return redirect("web:desk-versions", slug)


def merged(challenge: Challenge, edited: Edited) -> Edited:
    """Return an edited definition with what somebody else saved meanwhile, as its new base."""
    current = snapshot(challenge)
    base, mine = read_toml(edited.base), edited.tables() or {}
    both, conflicts = merge(base, mine, current.tables())
    return Edited(
        emit_tables(both),
        current.text,
        current.etag,
        edited.as_text,
        conflicts=conflicts,
        met=changes(base, current.tables()),
    )


@desk_page
@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """List what the definition was: who changed it, when, why, and what."""
    challenge = get_object_or_404(Challenge, slug=slug)
    page = {
        "challenge": challenge,
        "page": page_of(request, challenge.versions.all()),
    }
    return render(request, "desk/definition_versions.html", page)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a version with its text; taking it up again is editing from it."""
    found = get_object_or_404(
        DefinitionVersion.objects.select_related("challenge"), challenge__slug=slug, number=number
    )
    current = snapshot(found.challenge)
    if request.method == "POST":
        edited = Edited(found.text, current.text, current.etag)
        return reviewed(request, found.challenge, edited)
    page = {
        "challenge": found.challenge,
        "version": found,
        "is_current": found.text == current.text,
        "changes_back": changes(current.tables(), read_toml(found.text)),
    }
    return render(request, "desk/definition_version.html", page)
