"""Asking for a public release of a study: put on record and queued at once."""

from datetime import datetime

from django.db import transaction

from ratings.comparisons.models import Study
from ratings.jobs.tasks import make_public_release
from ratings.metrics.metric_tracks import against_release
from ratings.ranking.models import PublicRelease
from ratings.ranking.release.public_releases import ask_for_release
from ratings.ranking.release.release_conditions import ReleaseContents, hindrances


def all_hindrances(study: Study, at: datetime) -> list[str]:
    """Return what stands against a release of the study, each with the mend."""
    return [*hindrances(study, at), *against_release(study)]


def publish(study: Study, choice: ReleaseContents, by: str, at: datetime) -> PublicRelease:
    """Queue a release of the study and return it; the one that is under way, if there is one.

    Raises Refused, code "release".
    """
    with transaction.atomic():
        release, is_new = ask_for_release(study, choice, by, at, against_release(study))
        if is_new:
            make_public_release.defer(release_id=release.pk)
    return release
