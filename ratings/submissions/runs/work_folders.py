"""Folders for what is made of a run, each with its run's key and attempt in its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from ratings.storage.scratch import DECODING, scratch
from ratings.submissions.models import Run


@contextmanager
def work_folder(run: Run) -> Iterator[Path]:
    """Make a folder for the run that goes away with it, and clear those of attempts that died."""
    clear(run)
    with TemporaryDirectory(dir=scratch(DECODING), prefix=_own(run)) as made:
        yield Path(made)


def delivery_folder(run: Run) -> Path:
    """Return the folder of what a worker elsewhere delivers of this attempt, made if need be.

    Every server of the site sees it, as it does the stored files.
    """
    folder = scratch(DECODING) / f"{_own(run)}{run.attempt}"
    folder.mkdir(exist_ok=True)
    return folder


def clear(run: Run) -> None:
    """Delete all folders of the run, of whichever attempt."""
    for left in scratch(DECODING).glob(f"{_own(run)}*"):
        rmtree(left, ignore_errors=True)


def _own(run: Run) -> str:
    return f"{run.pk}-"
