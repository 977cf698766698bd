"""Studies that may be released, and what a release holds."""

import io
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from ratings.challenge.models import Challenge, Dataset
from ratings.comparisons.models import Judgment, Rater, Study
from ratings.ranking.models import PublicRelease
from ratings.ranking.release.public_releases import ask_for_release, make_release
from ratings.ranking.release.release_conditions import ReleaseContents
from ratings.ranking.release.release_facts import folder_name
from ratings.storage.shelves import CONTENT
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import build_two_datasets, judge_all
from tests.remembered import remembered

BROWSER = "Mozilla/5.0 (X11; Rare OS 1)"


@remembered
def build_releasable(*, raters: int = 7, license: str = "CC-BY-4.0", **fields: Any) -> Study:
    """Save a closed study with open boards, of the data sets P and M, that was judged."""
    phase = build_two_datasets(boards_open_at=NOW, originals_open_at=NOW)
    study = build_filled_study(methods=3, phase=phase, **fields)
    judge_all(study, raters=raters, judgments=10)
    Study.objects.filter(pk=study.pk).update(is_open=False)
    Challenge.objects.filter(pk=phase.challenge_id).update(license=license)
    study.refresh_from_db()
    return study


def visit_all(study: Study, **facts: int) -> None:
    """Let every rater of a study come once, on one kind of screen."""
    for rater in study.raters.order_by("pk"):
        screen = {"screen_width": 1366, "screen_height": 768} | facts
        rater.visits.create(number=1, begun_at=NOW, browser=BROWSER, facts=screen)


def spread_answers(study: Study) -> None:
    """Let answers come a quarter of a day apart."""
    for place, judgment in enumerate(Judgment.objects.order_by("pk")):
        at = NOW + timedelta(hours=6) * place
        Judgment.objects.filter(pk=judgment.pk).update(judged_at=at)


def license_pictures(study: Study, slug: str = "P", license: str = "CC0-1.0") -> None:
    """State the licence of a data set's pictures."""
    Dataset.objects.filter(challenge=study.phase.challenge, slug=slug).update(license=license)


def released(study: Study, *pictures: str, **choice: Sequence[str]) -> PublicRelease:
    """Ask for a release of a study, and make it as a worker does."""
    chosen = ReleaseContents(pictures, **choice)
    release, _ = ask_for_release(study, chosen, "Ada", timezone.now())
    make_release(release.pk, timezone.now)
    release.refresh_from_db()
    return release


def unpacked(release: PublicRelease, into: Path) -> Path:
    """Unpack a release, and return its folder."""
    with zipfile.ZipFile(io.BytesIO(CONTENT.read(release.sha256))) as packed:
        packed.extractall(into)
    return into / folder_name(release)


def one_rater(study: Study) -> Rater:
    """Return one of the study's raters."""
    return study.raters.order_by("pk")[0]
