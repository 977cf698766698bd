"""One picture: any two of the methods and the original, pixel by pixel, and its numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.models import Original, Phase
from ratings.comparisons.participation import picture_name
from ratings.comparisons.study.presentation import identities_open
from ratings.imaging.tile_pyramid import levels
from ratings.ranking.boards.picture_disagreement import uncertain_points
from ratings.ranking.boards.picture_methods import MethodOnPicture, methods_on
from ratings.ranking.boards.rate_series import picture_references, reference_points, series_with
from ratings.ranking.models import is_simulated
from ratings.storage.shelves import CONTENT
from ratings.submissions.models import DecodedImage
from ratings.viewing.shown_methods import shown_submissions
from ratings.viewing.tile_manifest import ORIGINAL, manifest, tile_addresses
from ratings.web.parts.base_context import board_url, challenge_frame
from ratings.web.parts.board_rows import entry_url
from ratings.web.parts.shown_pictures import (
    ChosenVersions,
    chosen_versions,
    picture_url,
    pictures_url,
    version_keys,
)
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import decimal, grouped, percent
from ratings.web.public.board_pages import chosen_study
from ratings.web.public.picture_grid import shown_phase

HOUR_SECONDS = 3600
# How much a difference may be amplified; as in viewer-address.js.
FACTORS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True)
class VersionLine:
    """The numbers of one version of the picture in words, and where it is; "" where it is not."""

    key: str
    name: str
    url: str
    file: str
    tiles: str
    team: str = ""
    psnr_db: str = ""
    ms_ssim: str = ""
    size_bytes: str = ""
    bpp: str = ""
    share: str = ""
    judgments: str = ""
    score: str = ""


@dataclass(frozen=True)
class ReferenceLine:
    """What somebody else's codec is said to make of the picture at one rate, in words."""

    name: str
    source: str
    bpp: str
    psnr_db: str
    ms_ssim: str


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def picture(request: HttpRequest, slug: str, phase_slug: str, name: str) -> HttpResponse:
    """Show one picture of the phase; 404 to everyone but organizers while it is not shown."""
    now = now_of(request)
    phase = shown_phase(request, slug, phase_slug, now)
    original = get_object_or_404(phase.originals(), name=name)
    study = chosen_study(request, phase)
    methods = methods_on(original, study, shown_submissions(phase))
    chosen = chosen_versions(request, version_keys([one.submission for one in methods]))
    versions = _versions(phase, original, methods)
    left_right = _with_defaults(chosen, versions)
    most = max((one.score.judgments for one in methods if one.score), default=0)
    page = {
        "phase": phase,
        "hidden": not identities_open(phase, now),
        "board_url": board_url(phase),
        "pictures_url": pictures_url(phase) + chosen.query,
        "original": original,
        "study": study,
        "simulated": is_simulated(study),
        "versions": versions,
        "references": _references(phase, original),
        "chosen": left_right,
        "gone": chosen.gone,
        "most_judgments": most,
        "uncertain": round(100 * uncertain_points(most)),
        "is_prepared": sum(bool(version.tiles) for version in versions) > 1,
        "lacking": [version.name for version in versions if not version.tiles],
        "factors": FACTORS,
        "coarse": _coarse(original, versions, left_right),
        "facts": manifest(original) | {"versions": [_facts(version) for version in versions]},
        **_neighbours(phase, original, chosen),
    }
    frame = challenge_frame(request, phase.challenge, now)
    return render(request, "picture.html", frame | page)


@require_safe
def picture_file(
    request: HttpRequest, slug: str, phase_slug: str, name: str, version: str
) -> FileResponse:
    """Send a whole picture as the PNG that is stored: the original, or as a method decoded it."""
    phase = shown_phase(request, slug, phase_slug, now_of(request))
    original = get_object_or_404(phase.originals(), name=name)
    shown = shown_submissions(phase)
    if version not in version_keys(shown):
        raise Http404
    sha256 = original.sha256
    if version != ORIGINAL:
        images = DecodedImage.objects.filter(original=original)
        sha256 = get_object_or_404(images, submission=version).sha256
    try:
        file = CONTENT.open(sha256)
    except FileNotFoundError:
        raise Http404("The file is gone.") from None
    response = FileResponse(file, content_type="image/png")
    del response["Content-Disposition"]
    response["Cache-Control"] = f"private, max-age={HOUR_SECONDS}"
    return response


def _versions(
    phase: Phase, original: Original, methods: Sequence[MethodOnPicture]
) -> list[VersionLine]:
    addresses = tile_addresses(phase, original)
    first = VersionLine(
        key=ORIGINAL,
        name="Original",
        url="",
        file=_file_url(phase, original, ORIGINAL),
        tiles=_tiles_url(addresses, ORIGINAL),
    )
    return [first, *(_version(phase, original, one, addresses) for one in methods)]


def _version(
    phase: Phase, original: Original, one: MethodOnPicture, addresses: Mapping[str, str]
) -> VersionLine:
    key, score, team = str(one.submission.pk), one.score, one.submission.team.name
    return VersionLine(
        key=key,
        name=one.submission.method,
        url=entry_url(phase, one.submission.pk),
        file=_file_url(phase, original, key),
        tiles=_tiles_url(addresses, key),
        team=team if team != one.submission.method else "",
        psnr_db=decimal(one.figures.psnr_db, 2),
        ms_ssim=decimal(one.figures.ms_ssim, 4),
        size_bytes=grouped(one.figures.size_bytes),
        bpp=decimal(one.figures.bpp, 4),
        share=percent(score.share if score else None),
        judgments=grouped(score.judgments if score else None),
        score=decimal(score.score if score else None, 2),
    )


def _references(phase: Phase, original: Original) -> list[ReferenceLine]:
    """Return what others measured on this picture, at all rates of the phase's series."""
    picture = picture_name(original)
    return [
        ReferenceLine(
            name=table.name,
            source=table.source,
            bpp=decimal(point.bpp, 4),
            psnr_db=decimal(point.psnr_db, 2),
            ms_ssim=decimal(point.ms_ssim, 4),
        )
        for series in series_with(phase)
        for table in picture_references(series, picture)
        for point in reference_points(table.name, table)
    ]


def _file_url(phase: Phase, original: Original, key: str) -> str:
    arguments = [phase.challenge.slug, phase.slug, original.name, key]
    return reverse("web:picture-file", args=arguments)


def _tiles_url(addresses: Mapping[str, str], key: str) -> str:
    """Return what the addresses of a version's tiles begin with."""
    if key not in addresses:
        return ""
    return reverse("web:tile", args=[addresses[key], "0", "0", "0"]).removesuffix("0-0-0.webp")


def _facts(version: VersionLine) -> dict[str, Any]:
    return {"key": version.key, "name": version.name, "tiles": version.tiles}


def _with_defaults(chosen: ChosenVersions, versions: Sequence[VersionLine]) -> tuple[str, str]:
    """Return which versions are compared: by default the best by PSNR with the original."""
    keys = [version.key for version in versions if version.tiles] or [ORIGINAL]
    others = (key for key in keys if key not in (ORIGINAL, chosen.right))
    left = chosen.left or next(others, keys[0])
    return left, chosen.right or (ORIGINAL if left != ORIGINAL else keys[-1])


def _coarse(
    original: Original, versions: Sequence[VersionLine], chosen: Collection[str]
) -> list[str]:
    """Return the addresses of the last level of both versions, which is what is seen first."""
    last = len(levels(original.width, original.height)) - 1
    shown = [version for version in versions if version.key in chosen and version.tiles]
    return [f"{version.tiles}{last}-0-0.webp" for version in shown]


def _neighbours(phase: Phase, original: Original, chosen: ChosenVersions) -> dict[str, str]:
    """Return the addresses of the pictures before and after this one by name; "" at the ends."""
    others = phase.originals()
    before = others.filter(name__lt=original.name).order_by("-name").first()
    after = others.filter(name__gt=original.name).order_by("name").first()
    return {
        "previous": picture_url(phase, before) + chosen.query if before else "",
        "next": picture_url(phase, after) + chosen.query if after else "",
    }
