"""Newton's method for the log likelihood of choices, with a step length that needs no search."""

from collections.abc import Callable

import numpy as np

from ratings.psychometrics.tally import FloatArray

# What a step leaves undone is of the order of its square: nothing, after one this small.
_ARRIVED = 1e-6
_MAX_STEPS = 500


def climb(
    start: FloatArray,
    newton_step: Callable[[FloatArray], FloatArray],
    reach: Callable[[FloatArray], float],
) -> FloatArray:
    """Return the maximum of a concave log likelihood whose choices are logistic.

    `newton_step(x)` is information^-1 gradient at x; `reach(step)` bounds how far a step moves
    the log odds of any two outcomes of one judgment. Along a step of reach R such a likelihood's
    curvature changes by at most exp(R) (Bach 2010: generalised self-concordance), so a full step
    climbs if R <= 1, and log(1 + R) / R of it does always. Raises ArithmeticError if the climb
    doesn't end, which a finite maximum rules out.
    """
    point = start
    for _ in range(_MAX_STEPS):
        step = newton_step(point)
        far = reach(step)
        point = point + (step if far <= 1 else step * (np.log1p(far) / far))
        if far < _ARRIVED:
            return point
    raise ArithmeticError("The likelihood has no maximum that Newton's method can reach.")
