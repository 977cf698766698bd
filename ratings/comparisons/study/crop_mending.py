"""Making the crops that a study lacks: of what was scored before, or whose files are gone."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ratings.comparisons.models import Study
from ratings.comparisons.study.cropping import crop_image, make_checks, uncropped
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.models import Submission

_log = logging.getLogger(__name__)


def make_lacking(study: Study, submissions: Sequence[Submission]) -> None:
    """Make the crops that `submissions` lack in a study, and all those whose files are gone.

    What can't be made, since the picture's own file is gone too, is logged.
    """
    for image in uncropped(study, submissions):
        with _unless_gone(study):
            crop_image(study, image, load_decoded(image.sha256))
    with _unless_gone(study):
        make_checks(study)


@contextmanager
def _unless_gone(study: Study) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        _log.error("Crops of study %s can't be made: %s", study.slug, error)
