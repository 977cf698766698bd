"""Under which definition and by which software trials are issued."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from ratings import __version__
from ratings.comparisons.models import Stage, Study, StudyVersion, Trial
from ratings.comparisons.study.study_tables import study_digest, study_toml


def versions_of_main(study: Study) -> QuerySet[StudyVersion]:
    """Return the versions that a study's published judgments were issued under."""
    if study.pilot is None:
        return study.versions.all()
    of_main = Trial.objects.filter(version=OuterRef("pk"), rater__stage=Stage.MAIN)
    return study.versions.filter(Exists(of_main))


def current_version(study: Study, now: datetime) -> StudyVersion:
    """Return the version of a study's definition and of the software, begun now if it is new.

    Safe for many at once. A definition that was changed back has the version it had.
    """
    version, _ = StudyVersion.objects.get_or_create(
        study=study,
        sha256=study_digest(study),
        software_version=__version__,
        defaults={"definition": study_toml(study), "since": now},
    )
    return version
