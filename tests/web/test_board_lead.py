"""The sentence before the boards says who leads, and no more than the judgments tell."""

import re

import pytest

from ratings.web.public.board_lead import lead


@pytest.mark.parametrize(
    ("first", "ranked", "by_psnr", "words"),
    [
        (["A"], 3, ["A"], "A is closest to the originals, told apart from every other method."),
        (["A", "B"], 3, [], "A and B lead, and the judgments do not tell which is closest"),
        (["A", "B"], 2, ["B"], "No method is told apart from the best: any of them may be"),
        (list("ABCDE"), 9, [], "5 methods lead, and the judgments do not tell"),
    ],
)
def test_it_says_who_leads(first: list[str], ranked: int, by_psnr: list[str], words: str) -> None:
    said = lead(first, ranked, by_psnr)
    assert said.startswith(words)
    assert re.findall("PSNR puts (.*) first[.]$", said) == by_psnr


def test_who_lost_every_judgment_is_no_leader_whatever_ranks_are_open() -> None:
    said = lead(["A", "B", "Z"], 4, [], ["Z"])
    assert said.startswith("A and B lead, and the judgments do not tell which is closest")
    said = lead(["A", "Z"], 3, [], ["Z"])
    assert said == "A leads, but the judgments do not tell it apart from every other method."
    assert lead(["A", "Z"], 2, [], ["Z"]).startswith("No method is told apart from the best")


def test_without_a_ranking_it_says_nothing() -> None:
    assert lead([], 0, ["A"]) == lead(["A"], 1, ["A"]) == lead([], 3, ["A"]) == ""


def test_methods_of_equal_psnr_are_named_together_or_not_at_all() -> None:
    assert lead(["A"], 9, ["A", "B"]).endswith("PSNR puts A and B first.")
    assert "PSNR" not in lead(["A"], 9, list("ABCDE"))
