"""Which names are taken: what can be seen, and what tables carry to other programs."""

import pytest

from ratings.challenge.names import name_problem, normal_method, require_shown_name
from ratings.challenge.refusals import Refused


@pytest.mark.parametrize(
    "name",
    [
        *("NA", "na", "N/A", "n/a", "NaN", "nan", "-nan", "NaT", "None", "NULL", "null", "<NA>"),
        *("#N/A", "#N/A N/A", "#NA", "1.#IND", "-1.#QNAN", " NA "),
    ],
)
def test_what_programs_read_as_missing_is_refused_with_the_mend(name: str) -> None:
    problem = name_problem(name)
    assert "missing value" in problem and f"{name.strip()} codec" in problem
    assert name_problem(f"{name} codec") == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a\0",
        "a\u200b",
        "a\u202eb",
        "\u3164",
        "a\ufe0f",
        "a\u034fb",
        "\u2800",
        "a\U000e0101",
    ],
)
def test_what_can_not_be_seen_is_refused(name: str) -> None:
    assert "can't be seen" in name_problem(name)


@pytest.mark.parametrize(
    "name", ["Nan", "Nanook", "Nada", "Null-Net", "清华", "e\u0301", "-net", "x"]
)
def test_other_names_are_taken(name: str) -> None:
    assert (name_problem(name) == "") is (name != "Nan")


def test_a_method_is_kept_composed_with_single_spaces() -> None:
    assert normal_method(" Mode\u0300le   2") == "Mod\u00e8le 2"


@pytest.mark.parametrize("name", ["a@b.example", "Net by ann.lee@uni.example"])
def test_what_boards_show_holds_no_address(name: str) -> None:
    with pytest.raises(Refused, match="take it out") as refused:
        require_shown_name(name, "method-name")
    assert refused.value.code == "method-name"
    require_shown_name("Net @ 0.15 bpp", "method-name")
