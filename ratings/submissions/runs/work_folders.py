"""Folders for what is made of a run, each with its run's key in its name."""

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
    own = f"{run.pk}-"
    for left in scratch(DECODING).glob(f"{own}*"):
        rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=scratch(DECODING), prefix=own) as made:
        yield Path(made)
