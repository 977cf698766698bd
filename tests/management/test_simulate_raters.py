"""simulate_raters: refusals first; then judgments that are counted, marked and repeatable."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ratings.comparisons.counts import rebuild_counts
from ratings.models import Judgment, Ranking, Rater, Study
from tests.builders import build_phase
from tests.comparisons.builders import build_study
from tests.web.builders import build_scored_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Save a study of three scored entries, on which each rater has at most 12 trials."""
    study = build_scored_study(build_phase())
    Study.objects.filter(pk=study.pk).update(trials_per_rater=12)
    return study


def simulate(study: Study, **options: int) -> str:
    out = StringIO()
    call_command("simulate_raters", study.slug, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"raters": 0}, "must be at least 1"),
        ({"judgments": -1}, "must be at least 1"),
        ({"seed": -1}, "--seed at least 0"),
        ({"raters": 2, "judgments": 25}, "2 raters give at most 24 judgments"),
    ],
)
def test_impossible_numbers_are_refused(
    study: Study, options: dict[str, int], problem: str
) -> None:
    with pytest.raises(CommandError, match=problem):
        simulate(study, **options)
    assert not Rater.objects.exists()


def test_an_unknown_study_is_answered_with_those_there_are(study: Study) -> None:
    with pytest.raises(CommandError, match=f"no study 'other'. There are: {study.slug}."):
        call_command("simulate_raters", "other")


def test_a_study_with_nothing_to_compare_is_refused() -> None:
    with pytest.raises(CommandError, match="fewer than two scored entries"):
        simulate(build_study(), raters=1, judgments=1)
    assert not Rater.objects.exists()


def test_judgments_are_stored_counted_ranked_and_marked(study: Study) -> None:
    printed = simulate(study, raters=3, judgments=20, seed=4)
    assert printed.startswith("Stored 20 simulated judgments of 3 simulated raters.")
    assert Judgment.objects.count() == 20
    assert Rater.objects.filter(simulated=True).count() == Rater.objects.count() == 3
    assert rebuild_counts(study, repair=False) == []
    ranking = Ranking.objects.get()
    assert (ranking.judgments, ranking.simulated) == (20, True)


def test_it_stops_when_the_raters_have_seen_everything(study: Study) -> None:
    # Two pictures of two crops each, three pairs: 12 trials a rater, and 12 allowed.
    Study.objects.filter(pk=study.pk).update(trials_per_rater=50)
    printed = simulate(study, raters=1, judgments=50)
    assert "no further trials" in printed
    assert 0 < Judgment.objects.count() < 50
