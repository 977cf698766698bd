"""Sparse contests of our own making, shaped like field data: 35 methods, 106 judgments."""

import math
import random

from ratings.psychometrics.counts.tally import Tally, tally_judgments

METHODS = tuple(f"m{number:02}" for number in range(35))


def sparse_tally() -> Tally:
    """Return 106 judgments by 9 raters of 17 pictures between random pairs of 35 methods."""
    draw = random.Random(35)  # its uniform numbers are the same in every version of Python
    strength = [2 * math.log(u / (1 - u)) / 1.8 for u in (draw.random() for _ in METHODS)]
    rows = [_judgment(draw, strength, number) for number in range(106)]
    return tally_judgments(*zip(*rows, strict=True))


def _judgment(
    draw: random.Random, strength: list[float], number: int
) -> tuple[str, str, str, str, str]:
    first = int(draw.random() * len(METHODS))
    second = (first + 1 + int(draw.random() * (len(METHODS) - 1))) % len(METHODS)
    chance = 1 / (1 + math.exp(strength[second] - strength[first]))
    choice = "left" if draw.random() < chance else "right"
    return f"r{number % 9}", f"p{number % 17}", METHODS[first], METHODS[second], choice
