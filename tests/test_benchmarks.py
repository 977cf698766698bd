"""What the benchmarks of judging start from fits the tables as they are now."""

import pytest

from benchmarks.crowd import fill
from ratings.models import Judgment, Study
from ratings.ranking.refitting import study_tally


@pytest.mark.django_db
def test_the_crowd_of_the_benchmarks_can_be_filled_in_and_ranked() -> None:
    fill(raters=5, judged=400)
    tally = study_tally(Study.objects.get())
    assert (tally.judgments, tally.raters, len(tally.methods)) == (400, 5, 10)
    assert Judgment.objects.count() == 400
