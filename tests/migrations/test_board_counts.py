"""0002_boards on a site that has judgments: its counts stay what the judgments say."""

import pytest
from django.db import connection

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.models import RaterCount
from ratings.ranking.fits.study_counts import study_tally
from tests.comparisons.builders import build_filled_study
from tests.migrations.steps import migrate
from tests.ranking.builders import build_two_datasets, judge_all


def counts() -> list[tuple[int, int]]:
    """Return how many counter rows there are, and how many judgments they hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(wins_first + wins_second + ties) FROM ratings_ratercount"
        )
        return [(int(rows), int(judgments)) for rows, judgments in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_counts_know_their_data_set_after_the_migration() -> None:
    study = build_filled_study(phase=build_two_datasets())
    judge_all(study, raters=3, judgments=9)
    rows, tally = RaterCount.objects.count(), study_tally(study)
    try:
        migrate(("ratings", "0001_initial"))
        ((rows_before, judgments),) = counts()
        assert (rows_before < rows, judgments) == (True, 27)
    finally:
        migrate()
    assert counts() == [(rows, 27)]
    assert rebuild_counts(study, repair=False) == []
    assert study_tally(study) == tally
