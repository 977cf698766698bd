"""A bundle of one instant: fitted, written, and compared with another implementation."""

from collections.abc import Callable
from pathlib import Path

from django.db import IntegrityError, OperationalError
from django.utils import timezone

from ratings.comparisons.models import Study
from ratings.database.snapshot import snapshot
from ratings.psychometrics.inference.cross_check import CrossCheck, cross_check
from ratings.psychometrics.inference.fitting import fit
from ratings.ranking.bundles.bundle import write_bundle
from ratings.ranking.fits.refitting import refit, study_settings
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.fits.variants import fit_variants

ATTEMPTS = 10
Writer = Callable[[Study, Path], object]
MOST_APART = 1e-4  # the last printed digit


class OtherScores(ValueError):
    """Another implementation finds scores of which a printed digit differs."""


def write_checked_bundle(study: Study, directory: Path, write: Writer | None = None) -> str:
    """Write judgments and the rankings of these very judgments into an empty directory.

    What comes meanwhile is in neither. `write` writes them, by default as a bundle. Return how the
    scores compare with those of another implementation, "" where there is none to compare. It must
    not stand inside a transaction. Raises OtherScores, and OSError where files can't be written.
    """
    check = _write(study, directory, write or write_bundle)
    return _checked(check) if check else ""


def _checked(check: CrossCheck) -> str:
    distance = f"{check.largest_difference:.1e} log odds"
    if check.largest_difference > MOST_APART:
        raise OtherScores(
            f"{check.implementation} finds other scores, by up to {distance}. Don't publish these "
            "files; report it with judgments.csv."
        )
    return f"{check.implementation} finds the same scores: they are {distance} apart at most."


def _write(study: Study, directory: Path, write: Writer) -> CrossCheck | None:
    for attempt in range(ATTEMPTS):
        try:
            with snapshot():
                now = timezone.now()
                if refit(study, now):
                    fit_variants(study, now)
                write(study, directory)
                tally = study_tally(study)
                return cross_check(tally, fit(tally, study_settings(study)))
        except (IntegrityError, OperationalError):  # the site's worker stored the same ranking
            if attempt == ATTEMPTS - 1:
                raise
    return None
