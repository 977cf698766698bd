"""Newton's method for the log likelihood of choices, with a step length that needs no search."""

from collections.abc import Callable

import numpy as np

from ratings.psychometrics.arrays import FloatArray

# What a step leaves undone is of the order of its square: nothing, after one this small.
_ARRIVED = 1e-6
_MAX_STEPS = 500


def maximize(
    start: FloatArray,
    newton_step: Callable[[FloatArray], FloatArray],
    max_logit_step: Callable[[FloatArray], float],
) -> FloatArray:
    """Return the maximum of a concave log likelihood whose choices are logistic.

    `start` and every x have one shape, (parameters,). `newton_step(x)` is information^-1 gradient
    at x; `max_logit_step(step)` bounds by how much a step changes the log odds of any two outcomes
    of one judgment. Along a step with this bound R such a likelihood's curvature changes by at most
    exp(R) (Bach 2010: generalised self-concordance), so a full step ascends if R <= 1, and
    log(1 + R) / R of it always does. Raises ArithmeticError if the steps don't end, which a finite
    maximum rules out.
    """
    point = start
    for _ in range(_MAX_STEPS):
        step = newton_step(point)
        size = max_logit_step(step)
        point = point + (step if size <= 1 else step * (np.log1p(size) / size))
        if size < _ARRIVED:
            return point
    raise ArithmeticError("The likelihood has no maximum that Newton's method can reach.")
