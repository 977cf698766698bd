"""The desk's page where a challenge begins: a few answers, or a definition file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ratings.challenge.definitions.definition import emit_tables
from ratings.challenge.definitions.templates import TEMPLATES, Essentials, address_of
from ratings.challenge.keys.toml_text import decoded, read_toml
from ratings.challenge.refusals import Refused
from ratings.web.desk.definition import definition_form
from ratings.web.desk.definition.definition_page import Edited, editor, taken
from ratings.web.desk.definition.form_keys import FormKey, Kind
from ratings.web.desk.parts.guards import organizers_only

LARGEST_FILE_BYTES = 1 << 20
OPENS, CLOSES = FormKey("opens", "", Kind.INSTANT), FormKey("closes", "", Kind.INSTANT)
BUDGET, DATASETS = FormKey("max_bpp", "", Kind.DECIMAL), FormKey("datasets", "", Kind.LIST)


@organizers_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_challenge(request: HttpRequest) -> HttpResponse:
    """Ask for the essentials; then it is edited, reviewed and made as any definition."""
    if "do" in request.POST:
        return taken(request, None)
    if request.method != "POST":
        return _page(request, [])
    if upload := request.FILES.get("file"):
        return _from_file(request, upload.read(LARGEST_FILE_BYTES + 1))
    essentials, problems = _essentials(request)
    if essentials is None:
        return _page(request, problems)
    _, make = TEMPLATES.get(request.POST.get("template", ""), TEMPLATES["one-phase"])
    return editor(request, None, Edited(emit_tables(make(essentials))))


def _from_file(request: HttpRequest, data: bytes) -> HttpResponse:
    """Take up a file as it is; what is wrong with it is mended in the editor."""
    if len(data) > LARGEST_FILE_BYTES:
        return _page(request, [f"A definition has at most {LARGEST_FILE_BYTES} bytes."])
    try:
        text = decoded(data)
        read_toml(text)
    except Refused as refused:
        return _page(request, refused.problems)
    return editor(request, None, Edited(text.removeprefix("\ufeff")))


def _essentials(request: HttpRequest) -> tuple[Essentials | None, list[str]]:
    """Return what was filled in, or what is wrong with it."""
    post = request.POST
    said = {key.path: definition_form.read(key, post.get(key.path, "")) for key in ESSENTIALS}
    name, slug = post.get("name", "").strip(), post.get("slug", "").strip()
    problems = []
    if not name:
        problems.append("Name: write what the challenge is called.")
    if not slug:
        slug = address_of(name).lower()
    for key, what in ((OPENS, "Takes submissions from"), (CLOSES, "Deadline")):
        if not hasattr(said[key.path], "tzinfo") or not said[key.path].tzinfo:  # type: ignore[attr-defined]
            problems.append(f"{what}: write date, time and zone: 2026-04-22 23:59:59 -08:00.")
    if isinstance(said["max_bpp"], str):
        problems.append("Budget: write a number of bits per pixel, such as 0.15, or leave it out.")
    if not said["datasets"]:
        problems.append("Data sets: name at least one, such as Professional.")
    if problems:
        return None, problems
    made: dict[str, Any] = {"slug": slug, "name": name, "summary": post.get("summary", "").strip()}
    return Essentials(**made, **said), []  # type: ignore[arg-type]


ESSENTIALS = (OPENS, CLOSES, BUDGET, DATASETS)


def _page(request: HttpRequest, problems: list[str]) -> HttpResponse:
    page = {
        "problems": problems,
        "post": request.POST,
        "templates": [(key, words) for key, (words, _) in TEMPLATES.items()],
    }
    return render(request, "desk/new_challenge.html", page, status=422 if problems else 200)
