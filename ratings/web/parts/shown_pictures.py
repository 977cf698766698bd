"""Whole pictures of a phase: who may see them, and which two versions an address asks for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from ratings.challenge.models import Original, Phase
from ratings.submissions.models import Submission
from ratings.viewing.tile_manifest import ORIGINAL
from ratings.web.parts.error_pages import NotYet


@dataclass(frozen=True)
class ChosenVersions:
    """The two versions that are looked at, each "original" or a submission.

    `left` and `right` are "" where the address names none; `gone` tells that it named one that is
    not shown.
    """

    left: str
    right: str
    gone: bool

    @property
    def methods(self) -> list[UUID]:
        """The submissions among them."""
        keys = dict.fromkeys((self.left, self.right))
        return [UUID(key) for key in keys if key not in ("", ORIGINAL)]

    @property
    def query(self) -> str:
        """The part of an address that names them, with its question mark."""
        named = {side: key for side, key in (("left", self.left), ("right", self.right)) if key}
        return f"?{urlencode(named)}" if named else ""


def chosen_versions(request: HttpRequest, shown: Collection[str]) -> ChosenVersions:
    """Return which of the versions that are shown an address asks for."""
    asked = [request.GET.get(side, "") for side in ("left", "right")]
    left, right = (key if key in shown else "" for key in asked)
    return ChosenVersions(left, right, gone=[left, right] != asked)


def version_keys(submissions: Sequence[Submission]) -> list[str]:
    """Return how addresses name the versions of a picture."""
    return [ORIGINAL, *(str(submission.pk) for submission in submissions)]


def not_yet(phase: Phase) -> NotYet:
    """Return what a visitor reads in place of pictures that are not shown."""
    back = (reverse("web:challenge", args=[phase.challenge.slug]), f"To {phase.challenge.name}")
    return NotYet(
        f"The pictures of {phase.name} are not shown now",
        "They are shown once the originals are released and nobody judges them: raters must not"
        " know which method made which picture.",
        None,
        back,
    )


def pictures_url(phase: Phase) -> str:
    """Return the address of the phase's pictures."""
    return reverse("web:pictures", args=[phase.challenge.slug, phase.slug])


def picture_url(phase: Phase, original: Original) -> str:
    """Return the address where one picture is looked at."""
    return reverse("web:picture", args=[phase.challenge.slug, phase.slug, original.name])
