"""People against PSNR on single pictures: against a count of judgments one by one."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.comparisons.models import Judgment, PairCount
from ratings.fidelity.picture_scores import figures_on, picture_figures
from ratings.ranking.boards.picture_disagreement import (
    Disagreement,
    concerning,
    disagreement,
    picture_facts,
    spread_db,
    uncertain_points,
)
from ratings.ranking.boards.picture_methods import methods_on
from ratings.ranking.boards.picture_win_rates import Count, picture_scores
from tests.viewing.builders import build_shown_phase

LABELS = "abcd"
COUNTS = st.lists(
    st.tuples(
        st.sampled_from(LABELS),
        st.sampled_from(LABELS),
        *(st.integers(0, 5) for _ in range(3)),
    ).filter(lambda count: count[0] != count[1]),
    max_size=6,
)
ERRORS = st.dictionaries(st.sampled_from(LABELS), st.integers(0, 3))


def one_by_one(errors: dict[str, int], counts: list[Count]) -> Iterator[float]:
    """Yield for each judgment how far it goes against PSNR."""
    for first, second, wins_first, wins_second, ties in counts:
        if first in errors and second in errors:
            for winner, loser, times in (
                (first, second, wins_first),
                (second, first, wins_second),
            ):
                for _ in range(times):
                    yield (errors[winner] > errors[loser]) + (errors[winner] == errors[loser]) / 2
            yield from [0.5] * ties


@given(ERRORS, COUNTS)
def test_each_judgment_counts_once(errors: dict[str, int], counts: list[Count]) -> None:
    expected = list(one_by_one(errors, counts))
    found = disagreement(errors, counts)
    assert (found.judgments, found.against) == (len(expected), sum(expected))
    assert found.share == (sum(expected) / len(expected) if expected else None)


def test_one_judgment_alone_does_not_come_first() -> None:
    assert Disagreement(1, 1.0).order < Disagreement(20, 15.0).order
    assert Disagreement(0, 0.0).order == 0.5


def test_the_spread_is_between_the_best_and_the_worst() -> None:
    assert spread_db([30.0, 41.5, 35.0]) == 11.5
    assert spread_db([30.0]) is None
    assert spread_db([math.inf, 40.0]) == math.inf
    assert spread_db([math.inf, math.inf]) == 0.0


@pytest.mark.parametrize(("judgments", "points"), [(0, 0.5), (1, 0.5), (24, 0.2), (2401, 0.02)])
def test_how_uncertain_a_share_is(judgments: int, points: float) -> None:
    assert uncertain_points(judgments) == pytest.approx(points, abs=2e-4)


def test_counts_concern_those_that_are_in_them() -> None:
    counts: list[Count] = [("a", "b", 1, 0, 0), ("a", "c", 2, 0, 0), ("b", "c", 3, 0, 0)]
    assert concerning(counts, []) == counts
    assert concerning(counts, ["a"]) == counts[:2]
    assert concerning(counts, ["c", "b"]) == counts[2:]
    assert concerning(counts, ["", "b"]) == []


@pytest.mark.django_db
def test_facts_of_a_phase_are_those_of_its_judgments() -> None:
    phase = build_shown_phase()
    study = phase.studies.get()
    submissions = list(phase.submissions.order_by("method"))
    facts = picture_facts(phase, study, submissions)
    assert [one.original.name for one in facts] == ["a.png", "b.png"]
    assert sum(one.disagreement.judgments for one in facts) == Judgment.objects.count() > 0
    for one in facts:
        judged = Judgment.objects.filter(trial__crop__original=one.original)
        assert one.disagreement.judgments == judged.count()
        counts = PairCount.objects.filter(crop__original=one.original)
        # The first entry has the least noise: the later of a pair has the lower PSNR.
        against = sum(count.wins_second + count.ties / 2 for count in counts)
        assert one.disagreement.against == against
        figures = [each.psnr_db for s in submissions for each in picture_figures(s)]
        assert one.spread_db is not None and 0 < one.spread_db < max(figures)


@pytest.mark.django_db
def test_facts_of_two_methods_are_those_of_their_judgments_alone() -> None:
    phase = build_shown_phase()
    study = phase.studies.get()
    submissions = list(phase.submissions.order_by("method"))
    chosen = [submission.pk for submission in submissions[:2]]
    one = picture_facts(phase, study, submissions, chosen)[0]
    pair = study.pairs.get(first__submission=chosen[0], second__submission=chosen[1])
    counts = pair.counts.filter(crop__original=one.original)
    assert one.disagreement.judgments == sum(
        each.wins_first + each.wins_second + each.ties for each in counts
    )
    decibels = [figures_on(one.original, submissions)[pk].psnr_db for pk in chosen]
    assert one.spread_db == pytest.approx(abs(decibels[0] - decibels[1]))
    assert picture_facts(phase, None, submissions)[0].disagreement == Disagreement(0, 0.0)


@pytest.mark.django_db
def test_the_numbers_of_a_picture_are_those_of_each_method() -> None:
    phase = build_shown_phase()
    study = phase.studies.get()
    original = phase.originals()[1]
    submissions = list(phase.submissions.all())
    methods = methods_on(original, study, submissions)
    assert [one.submission.method for one in methods] == ["method-0", "method-1", "method-2"]
    scores = picture_scores(study)[original.pk]
    assert picture_scores(study, original) == {original.pk: scores}
    for one in methods:
        [figures] = [each for each in picture_figures(one.submission) if each.original == original]
        assert one.figures == figures
        assert one.score == scores.get(one.submission.method)
        told = one.as_json()
        assert told["size_bytes"] == figures.size_bytes and told["psnr_db"] == figures.psnr_db
