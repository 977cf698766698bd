"""The ranking as a value: what changes it, what must not, and what it says of itself."""

import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.psychometrics.counts.tally import Tally, tally_counts, tally_judgments
from ratings.psychometrics.design.simulation import RaterModel, Simulated, SyntheticCrowd
from ratings.psychometrics.inference.fitting import COLUMNS, Fit, Row, Settings, fit, ranking_table

Trial = tuple[str, str, str, str, str]
SCORING = Path(__file__).resolve().parents[2] / "docs" / "scoring.md"


def tally_of(trials: list[Trial]) -> Tally:
    """Tally trials of (rater, image, left, right, choice)."""
    rater, image, left, right, choice = zip(*trials, strict=True)
    return tally_judgments(rater, image, left, right, choice)


def simulated(seed: int, judgments: int = 600, methods: int = 5) -> Simulated:
    """Let a crowd of 12 judge on 9 pictures, with ties."""
    people = SyntheticCrowd(
        [f"m{i}" for i in range(methods)],
        [f"p{i}" for i in range(9)],
        12,
        np.random.default_rng(seed),
        strengths=np.linspace(-0.7, 0.7, methods).tolist(),
        rater_model=RaterModel(unsure=0.2),
    )
    return people.simulate(judgments)


def trials_of(data: Simulated, names: dict[str, str] | None = None) -> list[Trial]:
    """Write simulated judgments out, with methods renamed."""
    names = names or {}
    label = [names.get(name, name) for name in data.methods]
    choices = ("left", "right", "tie")
    columns = zip(data.rater, data.picture, data.left, data.right, data.choice, strict=True)
    return [(f"r{r}", f"p{p}", label[a], label[b], choices[c]) for r, p, a, b, c in columns]


def by_method(result: Fit) -> dict[str, Row]:
    """Return the rows by method."""
    return {row.method: row for row in result.rows}


def test_impossible_levels_are_refused() -> None:
    for level in (0.0, 1.0, 95.0):
        with pytest.raises(ValueError, match="between 0 and 1"):
            Settings(level)
    with pytest.raises(ValueError, match='"half" or "davidson"'):
        Settings(ties="none")  # type: ignore[arg-type]


def test_no_judgments_give_no_scores_and_say_so() -> None:
    result = fit(tally_counts(["b", "a"], [], []))
    assert [row.method for row in result.rows] == ["a", "b"]
    assert all(row.score is None and row.rank is None for row in result.rows)
    assert result.notes[0] == "There are no judgments yet."
    assert result.provisional
    assert fit(tally_counts([], [], [])).rows == ()


def test_one_judgment_orders_and_places_nothing() -> None:
    result = fit(tally_of([("r", "p", "a", "b", "left")]))
    ranks = [(row.rank, row.rank_low, row.se, row.win_rate) for row in result.rows]
    assert ranks == [(1, None, None, None), (2, None, None, None)]
    first, second = (row.score for row in result.rows)
    # Where a's win is weighed against one virtual tie of each with a method of score 0.
    assert first == pytest.approx(-second)  # type: ignore[operator]
    chance = [1 / (1 + np.exp(-times * first)) for times in (1, 2)]  # type: ignore[operator]
    assert (1 - chance[1]) + (0.5 - chance[0]) == pytest.approx(0)
    assert not result.differences[0].told_apart and result.provisional
    assert "a won every judgment: it is ahead" in result.notes[0]


def test_a_single_rater_gives_scores_without_intervals() -> None:
    trials: list[Trial] = [("r", p, "a", "b", c) for p in "pqr" for c in ("left", "left", "right")]
    result = fit(tally_of(trials))
    first = result.rows[0]
    assert first.score == pytest.approx(np.log(2) / 2)
    assert (first.se, first.ci_low, first.rank_low, first.rank_high) == (None,) * 4
    assert result.covariance is None and result.provisional
    assert "come from a single rater: no honest interval exists" in result.notes[0]
    assert result.differences[0].se is None


def test_few_raters_widen_the_intervals_and_are_noted() -> None:
    trials: list[Trial] = [
        (r, p, "a", "b", c) for r in "uv" for p in "pqrstuvw" for c in ("left", "left", "right")
    ]
    result = fit(tally_of(trials))
    assert result.notes == (
        "2 raters are few: the intervals are widened for that and still rough.",
    )
    assert result.rows[0].degrees_of_freedom == 1


def test_a_method_known_from_one_rater_has_no_interval() -> None:
    trials = trials_of(simulated(1))
    trials += [("r1", "p1", "new", "m0", "left"), ("r1", "p2", "m1", "new", "left")]
    rows = by_method(result := fit(tally_of(trials)))
    assert rows["new"].score is not None and rows["new"].se is None
    assert (rows["new"].rank_low, rows["new"].rank_high) == (1, 6)
    assert rows["m0"].se is not None
    assert any(note.startswith("No honest interval yet for new:") for note in result.notes)
    with_new = [d for d in result.differences if "new" in (d.first, d.second)]
    assert len(with_new) == 5 and all(d.se is None and not d.told_apart for d in with_new)


def test_a_method_without_judgments_has_no_score() -> None:
    tables = [[0, 0, 1, 3, 2, 0], [1, 0, 1, 2, 3, 0]]
    rows = by_method(fit(tally_counts(["a", "b", "never"], tables, tables)))
    assert rows["never"].score is None and rows["a"].score is not None


def test_one_sided_methods_are_ranked_without_other_numbers() -> None:
    trials = trials_of(simulated(2))
    trials += [(f"r{i}", "p1", "champion", f"m{i}", "left") for i in range(5)]
    result = fit(tally_of(trials))
    first = result.rows[0]
    assert first.method == "champion" and first.judgments == 5
    assert (first.rank, first.rank_low, first.rank_high) == (1, 1, 6)
    assert (first.se, first.ci_low, first.win_rate, first.band_high) == (None,) * 4
    # What a scale's anchor says of the mean.
    on_scale = [row.score for row in result.rows if row.placed and row.score is not None]
    assert len(on_scale) == 5 and sum(on_scale) == pytest.approx(0, abs=1e-9)
    # Its score is by the prior alone: ahead of all, and no more is claimed.
    assert first.score > max(row.score for row in result.rows[1:])  # type: ignore[operator,type-var]
    assert any("rests on a weak prior" in note for note in result.notes)
    assert result.notes[0].startswith("The scores use 600 of 605 judgments")
    assert "champion won every judgment" in result.notes[1]
    json.dumps(ranking_table(result), allow_nan=False)


def test_equal_methods_share_a_rank() -> None:
    trials: list[Trial] = []
    for r in "stuvwxyz":
        for p in "klmnop":
            trials += [(r, p, "b", "c", "tie"), (r, p, "a", "b", "left"), (r, p, "a", "c", "left")]
            trials += [
                (r, p, "d", "b", "right"),
                (r, p, "d", "c", "right"),
                (r, p, "a", "d", "tie"),
            ]
    assert [(row.rank, row.method) for row in fit(tally_of(trials)).rows] == [
        (1, "a"),
        (2, "b"),
        (2, "c"),
        (4, "d"),
    ]


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_rows_are_consistent(seed: int) -> None:
    result = fit(simulated(seed).tally())
    scores = [row.score for row in result.rows if row.score is not None]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(0, abs=1e-10)
    for row in result.rows:
        assert None not in (row.rank, row.rank_low, row.rank_high, row.ci_low, row.ci_high)
        assert 1 <= row.rank_low <= row.rank <= row.rank_high <= 5  # type: ignore[operator]
        assert row.band_low < row.ci_low < row.score  # type: ignore[operator]
        assert row.score < row.ci_high < row.band_high  # type: ignore[operator]
    assert np.mean([row.win_rate for row in result.rows]) == pytest.approx(0.5)
    assert sum(row.judgments for row in result.rows) == 2 * result.judgments
    apart = {(d.first, d.second): d for d in result.differences}
    assert len(apart) == 10
    for (first, second), difference in apart.items():
        rows = by_method(result)
        ahead = rows[first].score - rows[second].score  # type: ignore[operator]
        assert difference.difference == pytest.approx(ahead) and ahead >= 0
        assert not difference.told_apart or difference.ci_low > 0  # type: ignore[operator]
        chances = (difference.probability_low, difference.probability, difference.probability_high)
        limits = [difference.ci_low, difference.difference, difference.ci_high]
        assert chances == pytest.approx(tuple(1 / (1 + np.exp(-np.array(limits, float)))))
    neighbours = [(a.method, b.method) for a, b in zip(result.rows, result.rows[1:], strict=False)]
    assert result.provisional == (not all(apart[pair].told_apart for pair in neighbours))
    order = [row.method for row in result.rows]
    runs = [order[a:b] for a, b in combinations(range(6), 2) if b - a > 1]
    alike = [run for run in runs if not any(apart[p].told_apart for p in combinations(run, 2))]
    longest = [run for run in alike if not any(set(run) < set(other) for other in alike)]
    assert [list(group) for group in result.groups] == longest


@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_row_order_and_rater_names_change_nothing(seed: int, random: object) -> None:
    trials = trials_of(simulated(seed))
    result = fit(tally_of(trials))
    random.shuffle(trials)  # type: ignore[attr-defined]
    again = fit(tally_of([(f"x{t[0][::-1]}", *t[1:]) for t in trials]))
    assert again.rows == result.rows
    assert again.input_sha256 == result.input_sha256
    assert again.differences == result.differences


@given(st.integers(0, 10**6), st.permutations(["z", "y", "k", "b", "a"]))
@settings(max_examples=15)
def test_method_names_change_no_printed_digit(seed: int, names: list[str]) -> None:
    data = simulated(seed)
    renamed = dict(zip(data.methods, names, strict=True))
    plain, other = (
        ranking_table(fit(tally_of(trials_of(data)))),
        ranking_table(fit(tally_of(trials_of(data, renamed)))),
    )
    assert [row | {"method": renamed[str(row["method"])]} for row in plain] == other


def test_a_level_of_its_own_changes_only_the_widths() -> None:
    tally = simulated(5).tally()
    wide, narrow = fit(tally, Settings(0.99)), fit(tally, Settings(0.5))
    for one, other in zip(wide.rows, narrow.rows, strict=True):
        assert one.score == other.score and one.se == other.se
        assert one.ci_high > other.ci_high  # type: ignore[operator]
        assert one.rank_high >= other.rank_high  # type: ignore[operator]


def test_ties_as_an_outcome_of_their_own() -> None:
    tally = simulated(7, 3000).tally()
    half, own = fit(tally), fit(tally, Settings(ties="davidson"))
    # The synthetic raters' share of ties between equals is 0.2, nu / (2 + nu).
    assert half.tie is None and own.tie == pytest.approx(0.5, abs=0.1)
    # The same order, on a wider scale, with the same chances: a tie counts half in both.
    assert [row.method for row in own.rows] == [row.method for row in half.rows]
    for one, other in zip(own.differences, half.differences, strict=True):
        assert one.difference > other.difference
        assert one.probability == pytest.approx(other.probability, abs=0.02)
        assert one.probability_low == pytest.approx(other.probability_low, abs=0.03)
        assert one.told_apart == other.told_apart


def test_ties_that_have_no_finite_parameter_count_as_halves() -> None:
    trials: list[Trial] = [(r, p, "a", "b", "tie") for r in "uvw" for p in "kl"]
    result = fit(tally_of(trials), Settings(ties="davidson"))
    assert result.tie is None and result.rows[0].score == 0
    assert any("Ties count as half wins instead." in note for note in result.notes)
    decided = tally_of([(*t[:4], c) for t in trials for c in ("left", "right")])
    without, half = fit(decided, Settings(ties="davidson")), fit(decided)
    assert without.tie == 0 and without.rows == half.rows


def test_much_data_is_no_longer_provisional() -> None:
    people = SyntheticCrowd(
        ["a", "b", "c"],
        [f"p{i}" for i in range(40)],
        40,
        np.random.default_rng(6),
        strengths=[2, 0, -2],
    )
    result = fit(people.simulate(6000).tally())
    assert not result.provisional and result.notes == ()
    assert [(row.method, row.rank_low, row.rank_high) for row in result.rows] == [
        ("a", 1, 1),
        ("b", 2, 2),
        ("c", 3, 3),
    ]


def test_printed_numbers_have_four_decimals_and_no_minus_zero() -> None:
    trials: list[Trial] = [
        (r, p, "a", "b", c) for r in "uvw" for p in "kl" for c in ("left", "right")
    ]
    printed = ranking_table(fit(tally_of(trials)))
    assert list(printed[0]) == list(COLUMNS)
    assert all(str(row["score"]) == "0.0" for row in printed)
    assert re.fullmatch(r"\d+\.\d{1,4}", str(printed[0]["se"]))


def test_the_worked_example_of_the_protocol() -> None:
    blocks = re.findall(r"```csv\n(.*?)```", SCORING.read_text(encoding="utf-8"), re.DOTALL)
    counts, ranking = ([line.split(",") for line in block.split()] for block in blocks)
    trials: list[Trial] = []
    for rater, image, first, second, wins_first, wins_second in counts[1:]:
        trials += [(rater, image, first, second, "left")] * int(wins_first)
        trials += [(rater, image, first, second, "right")] * int(wins_second)
    printed = [
        {name: str(row[name]) for name in ranking[0]}
        for row in ranking_table(fit(tally_of(trials)))
    ]
    assert printed == [dict(zip(ranking[0], row, strict=True)) for row in ranking[1:]]
