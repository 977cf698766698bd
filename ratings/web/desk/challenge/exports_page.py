"""The desk's page of all that can be taken out of a challenge: what each file is, and for whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.models import Challenge, Phase
from ratings.comparisons.models import Stage, Study
from ratings.jobs.bundle_actions import ask
from ratings.psychometrics.report.figures import FIGURES
from ratings.ranking.bundles import stored_bundles
from ratings.ranking.models import Bundle
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of
from ratings.web.parts.words.formatting import Moment, file_size, moment, span

TABLES, FILES = ("csv", "json"), ("csv", "json", "parquet", "tex")
LABELS = {"csv": "CSV", "json": "JSON", "parquet": "Parquet", "tex": "LaTeX", "svg": "SVG"}


@dataclass(frozen=True)
class FileLink:
    """One file to download."""

    label: str
    url: str


@dataclass(frozen=True)
class Export:
    """One thing that can be taken out, in its formats: what it is, and who it is for."""

    name: str
    what: str
    whom: str
    files: list[FileLink]


@dataclass(frozen=True)
class ExportGroup:
    """What belongs together: the challenge's, a phase's, or a study's."""

    anchor: str
    title: str
    exports: list[Export]


@dataclass(frozen=True)
class BundleLine:
    """One bundle: how far it is, or its link with how long that is good."""

    bundle: Bundle
    asked: Moment
    doing: str
    link: str
    size: str
    expires: Moment | None


@desk_page
@require_safe
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    """List all that can be exported of a challenge, and the bundles of its studies."""
    challenge = get_object_or_404(Challenge, slug=slug)
    studies = list(
        Study.objects.filter(phase__challenge=challenge)
        .select_related("phase__challenge")
        .order_by("-is_open", "-pk")
    )
    bundles = Bundle.objects.filter(study__in=studies).select_related("study__phase")
    page, now = page_of(request, bundles), timezone.now()
    context = {
        "challenge": challenge,
        "studies": studies,
        "page": page,
        "bundles": [_bundle_line(bundle, request, now) for bundle in page.rows],
        "days": stored_bundles.KEPT.days,
        "groups": [
            *(_of_study(study) for study in studies),
            *(_of_phase(phase, slug) for phase in challenge.phases.order_by("-position")),
            _of_challenge(challenge),
        ],
    }
    return render(request, "desk/exports.html", context)


@desk_page
@require_POST
def make_bundle(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the bundle of one of the challenge's studies."""
    study = get_object_or_404(Study, phase__challenge__slug=slug, slug=request.POST.get("study"))
    ask(study, request.user.get_username(), timezone.now())
    return redirect(f"{reverse('web:desk-exports', args=[slug])}#bundles")


@desk_page
@require_POST
def revoke_bundle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a bundle back, with its link; one that is gone already stays gone."""
    bundles = Bundle.objects.filter(study__phase__challenge__slug=slug, pk=pk)
    stored_bundles.revoke(bundles, timezone.now())
    return redirect(f"{reverse('web:desk-exports', args=[slug])}#bundles")


def _bundle_line(bundle: Bundle, request: HttpRequest, now: datetime) -> BundleLine:
    zone, link = bundle.study.phase.zone, ""
    if bundle.state == Bundle.State.READY:
        address = reverse("api:bundle-file", args=[bundle.pk, stored_bundles.signature(bundle)])
        link = request.build_absolute_uri(address)
    since = bundle.begun_at or bundle.asked_at
    return BundleLine(
        bundle=bundle,
        asked=moment(bundle.asked_at, zone),
        doing=f"for {span(now - since)}" if bundle.state in Bundle.UNDER_WAY else "",
        link=link,
        size=file_size(bundle.size_bytes),
        expires=moment(bundle.expires_at, zone) if bundle.expires_at else None,
    )


def _of_study(study: Study) -> ExportGroup:
    return ExportGroup(f"study-{study.slug}", f"Study: {study.name}", list(_study_exports(study)))


def _study_exports(study: Study) -> Iterator[Export]:
    yield from _of_results(study)
    yield from _of_judgments(study)
    yield from _of_people(study)


def _of_results(study: Study) -> Iterator[Export]:
    address = [study.slug]
    board = [study.phase.challenge.slug, study.phase.slug]
    yield Export(
        "Ranking",
        "Ranks and scores of all methods with their 95 % intervals, as fitted last.",
        "readers, papers, other software",
        _formats("api:ranking", address, FILES),
    )
    yield Export(
        "Figures",
        "The ranking drawn for print; they come with the first ranking.",
        "papers and slides",
        [
            FileLink(f"{name} {form.upper()}", f"{url}?{urlencode({'study': study.slug})}")
            for name in FIGURES
            for form in ("svg", "pdf")
            for url in [reverse("api:figure", args=[*board, name, form])]
        ],
    )
    yield Export(
        "Metrics against people",
        "How PSNR, MS-SSIM and rate go with the ranking, as correlations.",
        "readers and papers",
        _formats("api:agreement", board, TABLES, study=study.slug),
    )


def _of_judgments(study: Study) -> Iterator[Export]:
    address = [study.slug]
    yield Export(
        "Judgments",
        "Every answer, its trial, times and what was on screen; raters as random identifiers.",
        "statisticians; the ranking is made of it",
        _formats("api:judgments", address, FILES),
    )
    if study.pilot is not None:
        yield Export(
            "Judgments of the pilot",
            "The same of the pilot, whose answers are in no other file but payments.",
            "whoever plans the main stage",
            _formats("api:judgments", address, FILES, stage=Stage.PILOT.value),
        )
    yield Export(
        "Flags",
        "One row a trial that a rater flagged, with the reason and their words.",
        "organizers; never public",
        _formats("api:flags", address, TABLES),
    )


def _of_people(study: Study) -> Iterator[Export]:
    address = [study.slug]
    yield Export(
        "Raters",
        "One row a rater: checks, reliability, influence, and what was decided.",
        "organizers who look at quality",
        [FileLink("CSV", reverse("web:desk-raters-csv", args=address))],
    )
    if study.questionnaire:
        yield Export(
            "Answers to the questions",
            "One row an answer to the questionnaire; raters as random identifiers.",
            "organizers and statisticians; never public",
            _formats("api:answers", address, TABLES),
        )
    yield Export(
        "Comments",
        "One row a comment at the end of a session.",
        "organizers; never public",
        _formats("api:comments", address, TABLES),
    )
    yield Export(
        "Payments",
        "One row a person, with the platform's name for them and their code. Personal data.",
        "whoever pays the raters, and nobody else",
        _formats("api:payments", address, TABLES),
    )


def _of_phase(phase: Phase, slug: str) -> ExportGroup:
    board = [slug, phase.slug]
    rows = [
        Export(
            "PSNR board",
            "One row a method: PSNR, bytes, rate, decoding time and memory.",
            "readers and papers",
            _formats("api:board-psnr", board, TABLES),
        ),
        Export(
            "Panel\N{RIGHT SINGLE QUOTATION MARK}s sheet",
            "Both boards side by side with every vote and award.",
            "the panel; never public",
            _formats("api:panel", board, TABLES),
        ),
    ]
    return ExportGroup(f"phase-{phase.slug}", f"Phase: {phase.name}", rows)


def _of_challenge(challenge: Challenge) -> ExportGroup:
    definition = Export(
        "Definition",
        "The whole challenge as its file: phases, data sets, studies, rules.",
        "whoever sets up the same challenge again",
        [FileLink("TOML", reverse("api:definition", args=[challenge.slug]))],
    )
    return ExportGroup("challenge", "The challenge", [definition])


def _formats(
    name: str, address: Sequence[str], formats: Sequence[str], **query: str
) -> list[FileLink]:
    url = reverse(name, args=address)
    return [
        FileLink(LABELS[form], f"{url}?{urlencode({'format': form} | query)}") for form in formats
    ]
