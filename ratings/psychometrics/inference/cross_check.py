"""A ranking's scores computed again by another implementation."""

from dataclasses import dataclass
from importlib.metadata import version

from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.fitting import Fit


@dataclass(frozen=True)
class CrossCheck:
    """How far apart two implementations are: the largest difference of a score, in log odds."""

    implementation: str
    methods: int
    largest_difference: float


def cross_check(tally: Tally, fit: Fit) -> CrossCheck | None:
    """Compare the placed methods' scores with choix's maximum of the same likelihood.

    choix iterates Luce spectral rankings (Maystre & Grossglauser 2015), which has nothing in common
    with our Newton steps but the maximum. None where there are no two placed methods, for ties as
    outcomes of their own, a model that choix does not know, and where it does not converge.
    """
    import choix  # slow to import, and needed for exports alone

    scores = {row.method: row.score for row in fit.rows if row.placed and row.score is not None}
    places = [place for place, name in enumerate(tally.methods) if name in scores]
    if fit.settings.ties != "half" or len(places) < 2:
        return None
    try:
        again = choix.ilsr_pairwise_dense(tally.keep(places).wins(), max_iter=10_000, tol=1e-10)
    except RuntimeError:
        return None
    differences = [
        abs(scores[tally.methods[place]] - score)
        for place, score in zip(places, again - again.mean(), strict=True)
    ]
    return CrossCheck(f"choix {version('choix')}", len(places), float(max(differences)))
