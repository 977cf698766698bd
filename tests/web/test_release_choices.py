"""Releases as choices: from a definition's tables to words, and from answers to its keys."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ratings.challenge.definitions.definition import emit_tables, parse
from ratings.challenge.keys.toml_text import read_toml
from ratings.web.desk.definition import definition_form
from ratings.web.desk.definition.release_choices import (
    AT,
    NO,
    NO_INSTANT,
    NOT_YET,
    NOW,
    YES,
    ReleaseChoice,
    as_sent,
    fields,
    openings,
    parts,
)

WEST = timezone(timedelta(hours=-8))
AT_NOON = datetime(2026, 12, 1, 12, tzinfo=WEST)
DAY = timedelta(days=1)
FILE = """
slug = "c"
name = "C"
summary = "A challenge."

[[dataset]]
slug = "P"
name = "Professional"

[[dataset]]
slug = "X"
name = "Extra"

[[phase]]
slug = "main"
name = "Main"
datasets = ["P"]
opens = 2026-11-01T00:00:00-08:00
closes = 2026-11-30T23:59:59-08:00
boards_open = 2026-12-01T12:00:00-08:00
"""
Answers = dict[str, str]


def tables() -> dict[str, Any]:
    return read_toml(FILE)


def choices(now: datetime = AT_NOON - DAY, text: str = FILE) -> dict[str, ReleaseChoice]:
    return {one.name: one for part in parts(read_toml(text), now) for one in part.choices}


def after(form: Answers, now: datetime = AT_NOON - DAY) -> tuple[Answers, str]:
    """Return the fields that answers change, and the definition's file after them."""
    was = list(choices(now).values())
    changed = fields(was, as_sent(was, form), now)
    return changed, emit_tables(definition_form.sent(tables(), changed))


def words(choice: ReleaseChoice, value: str) -> str:
    (found,) = (option.words for option in choice.options if option.value == value)
    return found.replace("\N{NO-BREAK SPACE}", " ")


def test_each_key_stands_there_as_it_is() -> None:
    found = choices()
    assert {name: one.chosen for name, one in found.items()} == {
        "draft": NO,
        "phase-0-opens": AT,
        "phase-0-closes": AT,
        "phase-0-originals_open": NOT_YET,
        "phase-0-boards_open": AT,
        "phase-0-boards_frozen_from": NOT_YET,
        "phase-0-own_scores": NO,
        "dataset-0-opens": NOT_YET,
        "dataset-1-opens": NOT_YET,
    }
    boards, closes = found["phase-0-boards_open"], found["phase-0-closes"]
    assert (boards.local, boards.iso_offset, boards.since) == ("2026-12-01T12:00", "-08:00", None)
    assert closes.local == "2026-11-30T23:59:59" and not closes.options
    assert found["dataset-0-opens"].zone == WEST and found["dataset-1-opens"].zone == UTC


def test_what_is_open_can_be_taken_back_and_is_not_opened_again() -> None:
    boards = choices(AT_NOON)["phase-0-boards_open"]
    assert boards.since is not None
    assert [option.value for option in boards.options] == [NOT_YET, AT]
    assert words(boards, NOT_YET).startswith("What is open is taken back.")
    assert NOW in [option.value for option in choices()["phase-0-boards_open"].options]


def test_a_freeze_is_chosen_and_then_when_it_ends() -> None:
    assert "phase-0-boards_frozen_until" not in choices()
    text = FILE + "boards_frozen_from = 2026-12-01T12:00:00-08:00\n"
    found = choices(AT_NOON + DAY, text)
    begin, end = (found[f"phase-0-boards_frozen_{side}"] for side in ("from", "until"))
    assert begin.chosen == AT and end.chosen == NOT_YET and begin.since is not None
    assert words(begin, NOT_YET) == "Everyone sees the boards live once they are open."
    assert "boards live again" in words(end, NOW)
    changed, _ = after(
        {"phase-0-boards_frozen_from": AT, "phase-0-boards_frozen_from.at": "2026-12-05T00:00"}
    )
    assert changed == {"phase-0-boards_frozen_from": "2026-12-05 00:00:00-08:00"}


@pytest.mark.parametrize(
    ("originals", "said"),
    [
        ("", "Organizers and viewers alone see its pictures."),
        ("2026-12-01", "from Tue 1 Dec 2026, 00:00 UTC\N{MINUS SIGN}8 on."),
        ("2026-11-01", "since the originals of Main are open."),
    ],
)
def test_a_data_set_says_what_its_phases_show_of_it(originals: str, said: str) -> None:
    text = FILE + (f"originals_open = {originals}T00:00:00-08:00\n" if originals else "")
    found = choices(text=text)
    assert words(found["dataset-0-opens"], NOT_YET).endswith(said)
    assert (
        words(found["dataset-1-opens"], NOT_YET) == "Organizers and viewers alone see its pictures."
    )


def test_nothing_is_changed_by_what_is_left_as_it_is() -> None:
    form: Answers = {}
    for one in choices().values():
        form |= {one.name: one.chosen, one.field: one.local}
    assert after(form)[0] == after({})[0] == {}


@pytest.mark.parametrize(
    ("form", "key", "became"),
    [
        ({"phase-0-boards_open": NOT_YET}, "boards_open", None),
        ({"phase-0-boards_open": NOW}, "boards_open", AT_NOON - DAY),
        ({"phase-0-boards_open.at": "2026-12-02T12:00"}, "boards_open", AT_NOON + DAY),
        (
            {"phase-0-originals_open": AT, "phase-0-originals_open.at": "2026-12-01T12:00"},
            "originals_open",
            AT_NOON,
        ),
        ({"phase-0-own_scores": YES}, "own_scores", True),
        (
            {"phase-0-closes.at": "2026-12-01T12:00:00"},
            "closes",
            AT_NOON,
        ),
    ],
)
def test_an_answer_changes_its_key_alone(form: Answers, key: str, became: object) -> None:
    changed, text = after(form)
    assert list(changed) == [next(iter(form)).removesuffix(".at")]
    definition = parse(text)
    assert getattr(definition.phases[0], key) == became
    assert definition == _with(key, became)


def _with(key: str, value: object) -> object:
    read = tables()
    read["phase"][0].pop(key, None)
    if value is not None:
        read["phase"][0][key] = value
    return parse(emit_tables(read))


def test_a_draft_becomes_public_and_a_data_set_opens_by_itself() -> None:
    assert parse(after({"draft": YES})[1]).draft is True
    form = {"dataset-1-opens": AT, "dataset-1-opens.at": "2026-12-01T12:00"}
    opens = parse(after(form)[1]).datasets[1].opens
    assert opens == datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "soon", "2026-12-01"])
def test_an_answer_with_an_instant_wants_one(typed: str) -> None:
    form = {"phase-0-originals_open": AT, "phase-0-originals_open.at": typed}
    sent = {one.name: one for one in as_sent(list(choices().values()), form)}
    wrong = {name: one.problem for name, one in sent.items() if one.problem}
    assert wrong == {"phase-0-originals_open": NO_INSTANT}
    assert sent["phase-0-originals_open"].local == typed


def test_openings_come_in_the_order_of_time() -> None:
    assert [(one.what, one.at.day) for one in openings(tables())] == [
        ("Main: takes submissions", 1),
        ("Main: boards open", 1),
    ]
    assert openings({}) == []


def test_a_file_that_says_nothing_sound_has_choices_too() -> None:
    odd = {"phase": [{"opens": "soon", "datasets": 1}, 3], "dataset": "none"}
    assert [part.title for part in parts(odd, AT_NOON)] == ["The challenge", "1"]
