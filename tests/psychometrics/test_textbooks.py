"""Published estimates of published data, reproduced to the printed digits."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ratings.psychometrics.counts.counted_answers import CountedAnswers
from ratings.psychometrics.counts.tally import Tally, tally_counts
from ratings.psychometrics.model import bradley_terry, davidson
from ratings.psychometrics.model.adjusted import expected, maximum
from ratings.psychometrics.model.likelihood import outcomes
from ratings.psychometrics.raters.position_bias import position_bias, side_rows

FOLDER = Path(__file__).parents[2] / "fixtures" / "paired"


def read(name: str) -> Tally:
    """Read a data set, as if one rater had judged one picture."""
    with (FOLDER / name).open() as lines:
        rows = list(csv.reader(lines))[1:]
    names = sorted({name for row in rows for name in row[:2]})
    counts = [[0, *map(names.index, row[:2]), *map(int, row[2:])] for row in rows]
    return tally_counts(names, counts, counts)


def against(reference: int, information: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard errors of all scores less that of the reference."""
    covariance = np.linalg.pinv(information)
    variance = np.diag(covariance) + covariance[reference, reference]
    errors: NDArray[np.float64] = np.sqrt(variance - 2 * covariance[reference])
    return errors


def test_baseball_as_agresti_and_turner_and_firth_print_it() -> None:
    tally = read("baseball_1987.csv")
    score = bradley_terry.scores(tally.wins())
    judged = tally.wins() + tally.wins().T
    errors = against(0, bradley_terry.information(judged, bradley_terry.win_probabilities(score)))
    assert tally.methods[0] == "Baltimore"
    assert dict(zip(tally.methods[1:], np.round(score - score[0], 4)[1:], strict=True)) == {
        "Boston": 1.1077,
        "Cleveland": 0.6839,
        "Detroit": 1.4364,
        "Milwaukee": 1.5814,
        "New York": 1.2476,
        "Toronto": 1.2945,
    }
    assert np.round(errors[1:], 4).tolist() == [0.3339, 0.3319, 0.3396, 0.3433, 0.3359, 0.3367]


def test_the_home_advantage_as_turner_and_firth_print_it() -> None:
    with (FOLDER / "sides" / "baseball_1987_at_home.csv").open() as lines:
        games = list(csv.DictReader(lines))
    names = sorted({game["home"] for game in games})
    total = np.zeros((7, 7))
    columns: list[tuple[int, int, int, int]] = []
    for game in games:
        home, away = names.index(game["home"]), names.index(game["away"])
        for choice, won in enumerate((int(game["home_wins"]), int(game["away_wins"]))):
            columns.append((home, away, choice, won))
            total[(home, away) if choice == 0 else (away, home)] += won
    assert (total == read("baseball_1987.csv").wins()).all()
    left, right, choice, times = np.array(columns).T
    answers = CountedAnswers(0 * left, left, right, choice, times.astype(np.float64))
    bias = position_bias(answers, np.zeros(7), np.full(len(times), 0.5))
    assert bias is not None and round(bias.beta or 0, 4) == 0.3023
    rows = side_rows(answers, 7)
    covariance = np.linalg.pinv(expected(rows, maximum(rows, np.zeros(7))).information)
    assert round(float(np.sqrt(covariance[7, 7])), 4) == 0.1309


def test_citations_as_turner_and_firth_print_them() -> None:
    tally = read("citations_1994.csv")
    score = bradley_terry.scores(tally.wins())
    judged = tally.wins() + tally.wins().T
    errors = against(0, bradley_terry.information(judged, bradley_terry.win_probabilities(score)))
    assert tally.methods == ("Biometrika", "Comm Statist", "JASA", "JRSS-B")
    assert np.round(score - score[0], 7).tolist() == [0, -2.9490725, -0.4795698, 0.2689541]
    assert np.round(errors, 7)[1:].tolist() == [0.1025453, 0.0605887, 0.07083]


def test_pudding_as_davidson_prints_it() -> None:
    tally = read("pudding_1970.csv")
    fit = davidson.fit_davidson(tally.wins() - tally.ties() / 2, tally.ties())
    strength = np.exp(fit.score) / np.exp(fit.score).sum()
    assert np.round(strength, 4).tolist() == [0.1388, 0.173, 0.1617, 0.1654, 0.1587, 0.2024]
    assert round(fit.tie, 4) == 0.7468
    judged = tally.wins() + tally.wins().T
    information = outcomes(fit.score, fit.tie).information(judged)
    errors = against(0, information)
    assert np.round(errors[1:6], 4).tolist() == [0.1872, 0.1935, 0.1882, 0.1927, 0.1924]
    assert round(float(np.sqrt(np.linalg.pinv(information)[6, 6])), 4) == 0.0825
