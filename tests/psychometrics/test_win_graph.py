"""The order of methods that no distance is known of, against plain walks over who beat whom."""

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from ratings.psychometrics.counts.tally import Tally, tally_judgments
from ratings.psychometrics.inference.fitting import Fit, Row, fit
from ratings.psychometrics.model.unanimous import independent
from ratings.psychometrics.model.win_graph import order

Trial = tuple[str, str, str, str, str]
METHODS = "abcdef"
TRIALS = st.lists(
    st.tuples(
        st.sampled_from(["r0", "r1", "r2", "r3"]),
        st.sampled_from(["p0", "p1", "p2"]),
        st.permutations(METHODS).map(lambda names: (names[0], names[1])),
        st.sampled_from(["left", "left", "left", "right", "tie"]),
    ).map(lambda one: (one[0], one[1], *one[2], one[3])),
    min_size=1,
    max_size=14,
)


def tally_of(trials: list[Trial]) -> Tally:
    """Tally trials of (rater, image, left, right, choice)."""
    rater, image, left, right, choice = zip(*trials, strict=True)
    return tally_judgments(rater, image, left, right, choice)


def by_method(fitted: Fit) -> dict[str, Row]:
    """Return the rows by method."""
    return {row.method: row for row in fitted.rows}


def won_by(
    winner: str, loser: str, times: int, raters: int = 10, pictures: int = 12
) -> list[Trial]:
    """Return judgments that all go one way, spread over raters and pictures, sides in turn."""
    return [
        (f"r{n % raters}", f"p{n % pictures}", winner, loser, "left")
        if n % 2
        else (f"r{n % raters}", f"p{n % pictures}", loser, winner, "right")
        for n in range(times)
    ]


def beaten(trials: list[Trial]) -> dict[str, set[str]]:
    """Return whom each method was preferred to or tied with at least once."""
    wins: dict[str, set[str]] = {name: set() for trial in trials for name in trial[2:4]}
    for _, _, left, right, choice in trials:
        if choice != "right":
            wins[left].add(right)
        if choice != "left":
            wins[right].add(left)
    return wins


def walks(trials: list[Trial]) -> dict[str, set[str]]:
    """Return whom walks along wins lead to from each method."""
    wins = beaten(trials)
    found = {}
    for name in wins:
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            for other in wins[waiting.pop()] - reached:
                reached.add(other)
                waiting.append(other)
        found[name] = reached
    return found


def islands(trials: list[Trial]) -> list[set[str]]:
    """Return the sets of methods that judgments link at all."""
    sets: list[set[str]] = []
    for _, _, left, right, _ in trials:
        joined = {left, right}.union(*(methods for methods in sets if methods & {left, right}))
        sets = [methods for methods in sets if not methods & joined] + [joined]
    return sets


@given(TRIALS)
def test_the_order_is_that_of_walks(trials: list[Trial]) -> None:
    tally, reached = tally_of(trials), walks(trials)
    ordered = order(tally.wins())
    for (i, a), (j, b) in permutations(enumerate(tally.methods), 2):
        assert ordered.ahead[i, j] == (b in reached[a] and a not in reached[b])
    groups = {frozenset(tally.methods[i] for i in group) for group in ordered.groups}
    assert groups == {frozenset({a, *(b for b in reached[a] if a in reached[b])}) for a in reached}


@given(TRIALS)
@settings(max_examples=60)
def test_a_rank_is_one_more_than_the_number_of_those_ahead(trials: list[Trial]) -> None:
    linked = sorted(islands(trials), key=len)
    assume(len(linked) == 1 or len(linked[-1]) > len(linked[-2]))
    fitted, reached = fit(tally_of(trials)), walks(trials)
    rows = by_method(fitted)
    assert {name for name, row in rows.items() if row.rank is not None} == linked[-1]
    for name in linked[-1]:
        alike = [other for other in linked[-1] if name in reached[other] and other in reached[name]]
        within = 1
        if len(alike) > 1:
            own = fit(tally_of([trial for trial in trials if {trial[2], trial[3]} <= {*alike}]))
            within = by_method(own)[name].rank or 0
        ahead = sum(name in reached[other] and other not in reached[name] for other in linked[-1])
        assert rows[name].rank == ahead + within
    ranks = [row.rank for row in fitted.rows if row.rank is not None]
    assert ranks == sorted(ranks)
    for row in fitted.rows:
        if row.rank is not None and row.rank_low is not None:
            assert 1 <= row.rank_low <= row.rank <= row.rank_high <= len(linked[-1])  # type: ignore[operator]


@given(TRIALS)
@settings(max_examples=60)
def test_scores_never_contradict_the_order(trials: list[Trial]) -> None:
    rows, reached = by_method(fit(tally_of(trials))), walks(trials)
    for a, b in permutations(rows, 2):
        if b in reached[a] and a not in reached[b]:
            assert rows[a].score >= rows[b].score  # type: ignore[operator]


@given(TRIALS)
@settings(max_examples=40)
def test_who_is_preferred_in_reverse_is_ranked_in_reverse(trials: list[Trial]) -> None:
    turned = {"left": "right", "right": "left", "tie": "tie"}
    plain, other = (
        fit(tally_of(trials)),
        fit(tally_of([(*trial[:4], turned[trial[4]]) for trial in trials])),
    )
    reversed_rows, size = by_method(other), sum(row.rank is not None for row in plain.rows)
    for row in plain.rows:
        mirror = reversed_rows[row.method]
        assert (row.rank is None) == (mirror.rank is None)
        if row.rank_low is not None:
            assert (row.rank_low, row.rank_high) == (
                size + 1 - mirror.rank_high,  # type: ignore[operator]
                size + 1 - mirror.rank_low,  # type: ignore[operator]
            )
    apart = [
        {
            (difference.first, difference.second)
            for difference in f.differences
            if difference.told_apart
        }
        for f in (plain, other)
    ]
    assert {(b, a) for a, b in apart[0]} == apart[1]


@given(TRIALS, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_rows_changes_nothing(trials: list[Trial], random: object) -> None:
    fitted = fit(tally_of(trials))
    random.shuffle(trials)  # type: ignore[attr-defined]
    again = fit(tally_of(trials))
    assert (fitted.rows, fitted.differences, fitted.notes) == (
        again.rows,
        again.differences,
        again.notes,
    )
    assert fitted.open_ends == again.open_ends


def test_who_wins_all_of_its_judgments_comes_first() -> None:
    rng = np.random.default_rng(3)
    names, strength = "abcd", (0.8, 0.3, -0.3, -0.8)
    trials = [one for name in names for one in won_by("best", name, 50)]
    for i, j in combinations(range(4), 2):
        for n in range(60):
            left = rng.random() < 1 / (1 + np.exp(strength[j] - strength[i]))
            choice = "left" if left else "right"
            trials.append((f"r{rng.integers(10)}", f"p{n % 12}", names[i], names[j], choice))
    fitted = fit(tally_of(trials))
    assert [(row.rank, row.method) for row in fitted.rows[:2]] == [(1, "best"), (2, "a")]
    best = fitted.rows[0]
    assert (best.rank_low, best.rank_high, best.judgments) == (1, 1, 200)
    assert all(row.rank_low > 1 for row in fitted.rows[1:])  # type: ignore[operator]
    end = fitted.open_ends["best"]
    assert (end.direction, end.next_to) == ("above", "a")
    # Ten raters, so ten independent judgments: .025^(1/10) = .69, or .81 log odds.
    assert end.at_least == pytest.approx(0.807, abs=0.001)
    assert list(fitted.open_ends) == ["best"]
    # Of the others everything but their rank is as without it.
    alone = by_method(fit(tally_of([trial for trial in trials if "best" not in trial])))
    for row in fitted.rows[1:]:
        other = alone[row.method]
        assert (row.score, row.se, row.win_rate) == (other.score, other.se, other.win_rate)
        assert row.rank == other.rank + 1  # type: ignore[operator]


def test_two_methods_of_which_one_wins_all() -> None:
    fitted = fit(tally_of(won_by("good", "bad", 60)))
    assert [(row.method, row.rank, row.rank_low, row.rank_high) for row in fitted.rows] == [
        ("good", 1, 1, 1),
        ("bad", 2, 2, 2),
    ]
    assert not fitted.provisional and fitted.groups == ()
    (pair,) = fitted.differences
    assert (pair.first, pair.told_apart, pair.probability) == ("good", True, 1.0)
    assert pair.probability_low == pytest.approx(0.025 ** (1 / 10))


@pytest.mark.parametrize(
    ("raters", "pictures", "told"), [(5, 12, True), (4, 12, False), (10, 4, False)]
)
def test_many_judgments_of_few_show_little(raters: int, pictures: int, told: bool) -> None:
    # 1/2^5 is below 5 %, 1/2^4 is not, however many judgments each gave.
    fitted = fit(tally_of(won_by("good", "bad", 60, raters, pictures)))
    assert fitted.differences[0].told_apart is told
    assert fitted.rows[0].rank_high == (1 if told else 2)


def test_a_chain_is_ordered_through_its_links() -> None:
    fitted = fit(tally_of(won_by("A", "B", 60) + won_by("B", "C", 60)))
    assert [(row.method, row.rank, row.rank_low, row.rank_high) for row in fitted.rows] == [
        ("A", 1, 1, 1),
        ("B", 2, 2, 2),
        ("C", 3, 3, 3),
    ]
    pairs = {(difference.first, difference.second): difference for difference in fitted.differences}
    # Never judged against each other, and told apart all the same.
    assert pairs["A", "C"].told_apart and pairs["A", "C"].probability_low is None


def test_what_only_shares_its_conqueror_shares_a_rank() -> None:
    fitted = fit(tally_of(won_by("A", "x", 60) + won_by("A", "y", 60)))
    assert [(row.method, row.rank, row.rank_low, row.rank_high) for row in fitted.rows] == [
        ("A", 1, 1, 1),
        ("x", 2, 2, 3),
        ("y", 2, 2, 3),
    ]
    assert any("the order of x and y is not known" in note for note in fitted.notes)


def test_what_was_never_linked_has_no_rank() -> None:
    fitted = fit(tally_of(won_by("A", "B", 60) + won_by("B", "C", 9) + won_by("x", "y", 99)))
    assert [(row.method, row.rank) for row in fitted.rows] == [
        ("A", 1),
        ("B", 2),
        ("C", 3),
        ("x", None),
        ("y", None),
    ]


def test_a_single_tie_links_both_ways() -> None:
    tied = [("r0", "p0", "good", "bad", "tie")]
    fitted = fit(tally_of(won_by("good", "bad", 60) + tied))
    assert fitted.open_ends == {} and fitted.rows[0].score == pytest.approx(np.log(60.5 / 0.5) / 2)


def test_one_judgment_more_is_no_claim() -> None:
    trials = won_by("a", "b", 30) + won_by("b", "a", 30)
    fitted = fit(tally_of([*trials, ("r0", "p0", "new", "a", "left")]))
    rows = by_method(fitted)
    assert (rows["new"].rank, rows["new"].rank_low, rows["new"].rank_high) == (1, 1, 3)
    assert fitted.provisional


def test_the_judgments_against_those_ahead_count_too() -> None:
    # Three judgments against each show nothing alone, together that it is ahead of the last.
    rng = np.random.default_rng(5)
    names = [f"m{i}" for i in range(8)]
    trials: list[Trial] = []
    for i, j in combinations(range(8), 2):
        for n in range(150):
            choice = "left" if rng.random() < 1 / (1 + np.exp(i - j)) else "right"
            trials.append((f"r{rng.integers(20)}", f"p{n % 20}", names[i], names[j], choice))
    for number, name in enumerate(names):
        trials += [
            (f"r{3 * number + k}", f"p{(3 * number + k) % 20}", "best", name, "left")
            for k in range(3)
        ]
    rows = by_method(fit(tally_of(trials)))
    assert rows["best"].rank == 1 and 1 < rows["best"].rank_high < 9  # type: ignore[operator]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), min_size=1, max_size=40))
def test_so_many_judgments_do_share_neither_rater_nor_picture(cells: list[tuple[int, int]]) -> None:
    rater, picture = np.array(cells).T
    counted = independent(np.bincount(rater), np.bincount(picture))
    graph = sparse.csr_array((np.ones(len(cells)), (rater, picture)), shape=(7, 6))
    most = int((csgraph.maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())
    assert 1 <= counted <= most


@pytest.mark.parametrize("times", [1, 6])
@pytest.mark.parametrize("raters", [3, 4, 5, 6])
def test_equals_are_put_in_an_order_in_at_most_one_case_of_twenty(raters: int, times: int) -> None:
    # All that may come of raters of whom each has one opinion of two equal methods, alike likely.
    claimed = 0
    for opinions in product("ab", repeat=raters):
        trials = [
            (f"r{rater}", f"p{rater}{n}", opinion, "ab".replace(opinion, ""), "left")
            for rater, opinion in enumerate(opinions)
            for n in range(times)
        ]
        fitted = fit(tally_of(trials))
        claimed += fitted.open_ends.keys() == {"a", "b"} and fitted.differences[0].told_apart
        if fitted.open_ends and fitted.differences[0].told_apart:
            assert raters >= 5
    # Either of the two may be put first.
    assert claimed / 2 <= 0.05 * 2**raters
