"""Columns follow the class of the rows: their types, and no name that the rows don't have."""

from dataclasses import dataclass

import pytest

from ratings.psychometrics.inference.ranking_row import (
    FIGURES,
    LENGTHS,
    OF_OPEN_ENDS,
    ON_SCALE,
    PLACES,
    RANKS,
)
from ratings.ranking.boards.human_board import HumanRow
from ratings.ranking.models import Score
from ratings.ranking.tables.columns import columns, table


@dataclass
class Line:
    rank: int | None
    name: str

    @property
    def loud(self) -> bool:
        return self.name.isupper()


def test_a_column_has_the_type_of_the_field() -> None:
    made_columns = columns(Line, "name", "rank", "loud")
    assert [(column.name, column.type) for column in made_columns] == [
        ("name", str),
        ("rank", int),
        ("loud", bool),
    ]
    assert table(made_columns, [Line(None, "A")]) == [{"name": "A", "rank": None, "loud": True}]


@pytest.mark.parametrize("rows", [Line, HumanRow])
def test_a_misspelt_column_is_an_error_before_any_row(rows: type) -> None:
    with pytest.raises(AttributeError, match="win_rat"):
        columns(rows, "win_rat")


def test_a_stored_score_has_the_figures_of_a_row() -> None:
    stored = [field.name for field in Score._meta.get_fields()]
    assert sorted(stored) == sorted([*FIGURES, "id", "ranking", "entry"])


def test_each_figure_is_of_one_kind() -> None:
    assert RANKS == ("rank", "rank_low", "rank_high")
    assert ("score", "ci_low", "ci_high", "band_low", "band_high", *OF_OPEN_ENDS) == PLACES
    assert LENGTHS == ("se",)
    assert {*FIGURES} == {*RANKS, *ON_SCALE, *OF_OPEN_ENDS, "score", "judgments"}
