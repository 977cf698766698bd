"""Our small-sample correction beside those of four packages, by their known factors.

The errors were recorded from a logistic regression of `JUDGMENTS` on methods 1 and 2 (0 is the
reference), clustered by rater, and by rater and picture. Linear packages got its last step, by
weighted least squares: statsmodels 0.15.0 (GLM and WLS, `use_correction`), linearmodels 7.1
(`IV2SLS`, `debiased`; `PanelOLS`, `debiased` and `group_debias`), pyfixest 0.60.0 (`feols`, CRV1).
"""

import numpy as np
import pytest

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.tally import tally_codes
from ratings.psychometrics.inference.cluster_terms import cluster_terms
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.model.likelihood import outcomes

# Six raters judge each pair on each of four pictures once.
JUDGMENTS: IntArray = np.array(
    [
        (
            r,
            p,
            i,
            j,
            ((7 * r * r + 3 * p * p + 5 * r * p + 2 * i + 3 * j + r + i * p) % 11 < 6 + j - i),
        )
        for r in range(6)
        for p in range(4)
        for i, j in ((0, 1), (0, 2), (1, 2))
    ]
)
RATER, PICTURE, LEFT, RIGHT, WON = JUDGMENTS.T
TALLY = tally_codes("abc", RATER, PICTURE, LEFT, RIGHT, 1 - WON)
SCORES = scores(TALLY.wins())
DESIGN = (np.eye(3)[LEFT] - np.eye(3)[RIGHT])[:, 1:]
N, K, RATERS, PICTURES = 72, 2, 6, 4
SMALL, PANEL = (N - 1) / (N - K), N / (N - K)

# What is multiplied by what: the variance by raters, by pictures, and by both together.
FACTORS = {
    "statsmodels, linearmodels IV2SLS, uncorrected": (1, 1, 1),
    "statsmodels, linearmodels IV2SLS, corrected": (SMALL * 6 / 5, SMALL * 4 / 3, SMALL * 24 / 23),
    "linearmodels PanelOLS": (PANEL, PANEL, PANEL),
    "linearmodels PanelOLS, groups": (*(SMALL / PANEL * c for c in (6 / 5, 4 / 3, 24 / 23)),),
    "pyfixest": (SMALL * 6 / 5, SMALL * 4 / 3, SMALL * 24 / 23),
}
ONE_WAY = {
    "statsmodels, linearmodels IV2SLS, uncorrected": (0.324815082782671, 0.258301559094551),
    "statsmodels, linearmodels IV2SLS, corrected": (0.358349633695228, 0.284969122404857),
    "linearmodels PanelOLS": (0.329422619056524, 0.261965594006123),
    "linearmodels PanelOLS, groups": (0.353337503864248, 0.280983343977835),
    "pyfixest": (0.358349633695228, 0.284969122404857),
}
TWO_WAY = {
    "statsmodels, linearmodels IV2SLS, uncorrected": (0.247335135366620, 0.119767876871002),
    "statsmodels, linearmodels IV2SLS, corrected": (0.346151818592690, 0.164140409968544),
    "linearmodels PanelOLS": (0.250843610398743, 0.121466796860794),
    "linearmodels PanelOLS, groups": (0.341310295976563, 0.161844626834097),
    "pyfixest": (0.287630765698781, 0.139280357719741),
}


def uncorrected(*clusters: IntArray) -> FloatArray:
    """Return the covariance of methods 1 and 2 against 0 by clusters' plain sums (CR0)."""
    chance = 1 / (1 + np.exp(SCORES[RIGHT] - SCORES[LEFT]))
    inverse = np.linalg.inv((DESIGN.T * chance * (1 - chance)) @ DESIGN)
    pulls = DESIGN * (WON - chance)[:, None]
    names = np.stack(clusters, axis=1)
    sums = [pulls[(names == name).all(axis=1)].sum(axis=0) for name in np.unique(names, axis=0)]
    covariance: FloatArray = inverse @ np.transpose(sums) @ np.array(sums) @ inverse
    return covariance


def errors(covariance: FloatArray) -> FloatArray:
    """Return standard errors."""
    return np.asarray(np.sqrt(np.diag(covariance)), np.float64)


@pytest.mark.parametrize("package", FACTORS)
def test_packages_are_known_factors_from_the_plain_variance(package: str) -> None:
    by_rater, by_picture, by_both = FACTORS[package]
    assert errors(by_rater * uncorrected(RATER)) == pytest.approx(ONE_WAY[package], rel=1e-9)
    if package == "pyfixest":  # all terms have the factor of the fewest clusters
        by_rater = by_both = by_picture
    both = (
        by_rater * uncorrected(RATER)
        + by_picture * uncorrected(PICTURE)
        - by_both * uncorrected(RATER, PICTURE)
    )
    assert errors(both) == pytest.approx(TWO_WAY[package], rel=1e-9)


@pytest.mark.parametrize(("way", "clusters"), [("rater", RATERS), ("picture", PICTURES)])
def test_ours_is_one_cluster_in_so_many_less_where_all_judge_alike(way: str, clusters: int) -> None:
    expected = outcomes(SCORES)
    information = expected.information(TALLY.wins() + TALLY.wins().T)
    values, vectors = np.linalg.eigh(information)
    whitening = vectors[:, 1:] / np.sqrt(values[1:])
    table = TALLY.by_rater if way == "rater" else TALLY.by_picture
    onto = (whitening - whitening[0])[1:]
    scatter = onto @ cluster_terms(table, expected, whitening, information).meat @ onto.T
    plain = uncorrected(RATER if way == "rater" else PICTURE)
    assert errors(scatter) == pytest.approx(errors(clusters / (clusters - 1) * plain), rel=1e-9)
    if way == "rater":  # so it is statsmodels' by (N - k) / (N - 1)
        theirs = np.array(ONE_WAY["statsmodels, linearmodels IV2SLS, corrected"])
        assert errors(scatter) == pytest.approx(theirs * np.sqrt((N - K) / (N - 1)), rel=1e-9)
