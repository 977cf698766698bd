"""Columns of texts as numbers: each different text is looked at once, however often it is there."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

CodeArray = NDArray[np.int32]
UNUSABLE = -1
_MOST_REMEMBERED = 1 << 20  # different texts of a column; what comes after them is read each time


class TextCodes(dict[str, int]):
    """The number of each text that was seen; `unusable` where `number` raised ValueError for it."""

    def __init__(self, number: Callable[[str], int], unusable: int = UNUSABLE) -> None:
        """Look texts up by `number`, each once."""
        super().__init__()
        self._number, self.unusable = number, unusable

    def __missing__(self, text: str) -> int:
        try:
            number = self._number(text)
        except ValueError:
            number = self.unusable
        if len(self) < _MOST_REMEMBERED:
            self[text] = number
        return number

    def of(self, texts: Iterable[str], size: int) -> NDArray[Any]:
        """Return the numbers of `size` texts, shape (size,): int32, or int64 if those are wide."""
        kind = np.int32 if self.unusable == UNUSABLE else np.int64
        return np.fromiter(map(self.__getitem__, texts), kind, size)


class Labels:
    """Labels in the order in which they came; texts that are read alike are one label."""

    def __init__(self, read: Callable[[str], str]) -> None:
        """Read a text as a label by `read`, which raises ValueError where it can't be one."""
        self._read = read
        self._numbers: dict[str, int] = {}
        self.codes = TextCodes(self._number)

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, each at its number."""
        return tuple(self._numbers)

    def _number(self, text: str) -> int:
        return self._numbers.setdefault(self._read(text), len(self._numbers))
