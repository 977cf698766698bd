"""The desk's page on a study's texts: each language in a column, and as raters see it below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from ratings.comparisons.models import Study
from ratings.web.desk.definition.definition_page import Edited, review, tried
from ratings.web.desk.definition.study_edits import from_form, from_now, table_of, with_keys
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.guards import desk_page

# A study's own texts, as the file calls them.
TEXTS = ("name", "question", "consent")


@dataclass(frozen=True)
class LanguageColumn:
    """A study's texts in one language; the first language is the study's own."""

    code: str
    language: str
    name: str = ""
    question: str = ""
    consent: str = ""

    @property
    def missing(self) -> list[str]:
        """Which of the texts are not there."""
        return [text for text in TEXTS if not getattr(self, text).strip()]


Columns = Sequence[LanguageColumn]


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the study's texts in its languages; review what was changed, as the definition does."""
    study = get_object_or_404(desk_studies(), slug=slug)
    if request.method != "POST":
        edited = from_now(study)
        return _page(request, study, edited, _columns(table_of(edited, slug)))
    what, _, code = request.POST.get("do", "review").partition(":")
    columns = _sent(request)
    if what == "add" and code in dict(settings.LANGUAGES):
        columns = [*columns, LanguageColumn(code, _named(code))]
    if what == "drop":
        columns = [column for column in columns if column.code != code] or columns
    edited = from_form(request, study)
    if what != "review" or not columns:
        return _page(request, study, edited, columns)
    changed = with_keys(edited, slug, _keys(columns))
    checked = tried(study.phase.challenge, changed)
    if checked.problems:
        return _page(request, study, edited, columns, _by_language(checked.problems, columns))
    return review(request, study.phase.challenge, changed, checked)


def _page(
    request: HttpRequest,
    study: Study,
    edited: Edited,
    columns: Columns,
    problems: Sequence[str] = (),
) -> HttpResponse:
    there = [column.code for column in columns]
    page = {
        "study": study,
        "edited": edited,
        "columns": columns,
        "missing": [column for column in columns if column.missing],
        "others": [(code, name) for code, name in settings.LANGUAGES if code not in there],
        "problems": problems,
    }
    return render(request, "desk/texts.html", page, status=422 if problems else 200)


def _columns(table: dict[str, Any]) -> Columns:
    """Return what a study's table says in each of its languages."""
    languages = [str(code) for code in table.get("languages") or ["en"]]
    translated = {row.get("language"): row for row in table.get("translations") or []}
    rows = [table, *(translated.get(code, {}) for code in languages[1:])]
    return [
        LanguageColumn(code, _named(code), *(str(row.get(text, "")) for text in TEXTS))
        for code, row in zip(languages, rows, strict=True)
    ]


def _sent(request: HttpRequest) -> Columns:
    """Return what the form has in its columns."""
    post = request.POST
    return [
        LanguageColumn(
            code,
            _named(code),
            *(post.get(f"{text}-{code}", "").replace("\r\n", "\n").strip() for text in TEXTS),
        )
        for code in dict.fromkeys(post.getlist("language"))
    ]


def _keys(columns: Columns) -> dict[str, Any]:
    """Return the keys of a study's table that hold these texts."""
    rows = [
        {"language": column.code, **{text: getattr(column, text) for text in TEXTS}}
        for column in columns
    ]
    own = {text: rows[0][text] for text in TEXTS}
    return own | {"languages": [row["language"] for row in rows], "translations": rows[1:]}


def _by_language(problems: Sequence[str], columns: Columns) -> list[str]:
    """Name translations by their languages: the page has no numbers for them."""
    numbered = {str(number): column.language for number, column in enumerate(columns)}
    named = r"\btranslations (\d+): "
    return [
        re.sub(named, lambda found: f"{numbered.get(found[1], found[0])}: ", problem)
        for problem in problems
    ]


def _named(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))
