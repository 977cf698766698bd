"""What the benchmarks of judging start from fits the tables as they are now."""

import pytest
from django.test import Client
from django.utils import timezone

from benchmarks.crowd import FROZEN, fill, publish
from ratings.models import FrozenRanking, Judgment, Study
from ratings.ranking.fits.refitting import refit
from ratings.ranking.fits.study_counts import study_tally


@pytest.mark.django_db
def test_the_crowd_of_the_benchmarks_can_be_filled_in_and_ranked() -> None:
    fill(raters=5, judged=400)
    tally = study_tally(Study.objects.get())
    assert (tally.judgments, tally.raters, len(tally.methods)) == (400, 5, 10)
    assert Judgment.objects.count() == 400


@pytest.mark.django_db
def test_what_is_published_of_the_crowd_is_on_its_pages(client: Client) -> None:
    fill(raters=5, judged=400)
    refit(Study.objects.get(), timezone.now())
    publish()
    assert FrozenRanking.objects.count() == FROZEN
    for page, words in (
        ("bench/board/", "over time, with 95 % intervals"),
        (f"rankings/{FrozenRanking.objects.earliest('computed_at').digest}/", "m0"),
        ("series/bench/", "m0"),
        ("bench/metrics/", "PSNR"),
    ):
        answer = client.get(f"/bench/{page}")
        assert answer.status_code == 200, page
        assert words in answer.content.decode(), page
