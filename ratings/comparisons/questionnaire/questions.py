"""The questions of a study's questionnaire: what a definition may say of them.

A row of [[study.questionnaire]] is one question, or stands for all of a standard set.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from ratings.challenge.keys.checks import number, whole
from ratings.challenge.keys.checks import slug as short_name
from ratings.challenge.keys.checks import text as line
from ratings.challenge.keys.tables import TomlTable

# More would be a study of its own; and a card holds them all.
MOST_QUESTIONS = 300
MOST_OPTIONS = 50
MOST_STEPS = 11
MOST_CHARACTERS = 2000
LARGEST = 10**9
# A row with `set` may say these and nothing else.
_OF_A_SET = frozenset({"set", "when", "required"})

Words = Annotated[str, line(longest=300, stripped=True)]
Limit = Annotated[float | None, number(-LARGEST, LARGEST)]


class When(StrEnum):
    """Before the practice, or after the last trial and before the completion code."""

    BEFORE = "before"
    AFTER = "after"


class QuestionKind(StrEnum):
    """What an answer is: one option, several, a step from least to most, a number, or a text."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    SCALE = "scale"
    NUMBER = "number"
    TEXT = "text"


class Axis(StrEnum):
    """Whose confusion lines a plate's colours lie on; `shown` plates are read by everybody."""

    PROTAN = "protan"
    DEUTAN = "deutan"
    TRITAN = "tritan"
    SHOWN = "shown"


# Keys that a question has by its kind alone.
_KEYS = {
    "options": (QuestionKind.SINGLE, QuestionKind.MULTIPLE),
    "least": (QuestionKind.SCALE, QuestionKind.NUMBER),
    "most": (QuestionKind.SCALE, QuestionKind.NUMBER),
    "ends": (QuestionKind.SCALE,),
    "decimals": (QuestionKind.NUMBER,),
    "unit": (QuestionKind.NUMBER,),
    "longest": (QuestionKind.TEXT,),
}


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from: what is stored, and what raters read."""

    value: Annotated[str, short_name()]
    text: Words


@dataclass(frozen=True)
class Plate:
    """A colour plate that goes with a question: the digit in it, its colours, and its dots."""

    digit: Annotated[int, whole(0, 9)] = 0
    axis: Axis = Axis.PROTAN
    seed: Annotated[int, whole(0, 2**31)] = 1


@dataclass(frozen=True)
class Wording:
    """A question in another language; options and ends stand in the order of the question's."""

    language: Annotated[str, line(longest=10)]
    text: Words
    help: Words = ""
    unit: Annotated[str, line(longest=20)] = ""
    options: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """One question, or (with `set`) all of a standard set.

    A scale goes from `least` to `most` in whole steps, 1 to 5 if they are left out, `ends` say what
    the two are. A number has at most `decimals` decimals, a text at most `longest` characters.
    """

    slug: Annotated[str, short_name()] = ""
    set: Annotated[str, line(longest=50)] = ""
    when: When = When.BEFORE
    kind: QuestionKind = QuestionKind.SINGLE
    text: Words = ""
    help: Words = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    least: Limit = None
    most: Limit = None
    ends: tuple[str, ...] = ()
    decimals: Annotated[int, whole(0, 6)] = 0
    unit: Annotated[str, line(longest=20)] = ""
    longest: Annotated[int, whole(1, MOST_CHARACTERS)] = 500
    plate: Plate | None = None
    translations: tuple[Wording, ...] = ()

    def check(self, table: TomlTable) -> None:
        """Note what the keys say against one another."""
        if self.set:
            for key in table.raw:
                if key not in _OF_A_SET:
                    table.note(key, "a standard set brings it; leave it out.")
            return
        for name in ("slug", "text"):
            if not getattr(self, name) and table.sound(name):
                table.note(name, "it is missing; write it, or name a standard set.")
        for key, kinds in _KEYS.items():
            if key in table.raw and self.kind not in kinds and table.sound("kind"):
                words = " and ".join(kinds)
                table.note(key, f"only kind {words} has it; leave it out, or change the kind.")
        self._check_options(table)
        self._check_limits(table)
        self._check_translations(table)

    def _check_options(self, table: TomlTable) -> None:
        if self.kind not in _KEYS["options"] or not table.sound("options", "kind"):
            return
        least = 2 if self.kind is QuestionKind.SINGLE else 1
        if not least <= len(self.options) <= MOST_OPTIONS:
            mend = 'such as [{ value = "yes", text = "Yes" }].'
            table.note("options", f"name {least} to {MOST_OPTIONS} of them, {mend}")
        table.refuse_repeated("options", [option.value for option in self.options])

    def _check_limits(self, table: TomlTable) -> None:
        if not table.sound("least", "most", "ends", "kind"):
            return
        least, most = limits(self)
        if least > most or (least == most and self.kind is QuestionKind.SCALE):
            table.note("most", f"it must be more than the least, {least:g}.")
        if self.kind is QuestionKind.NUMBER:
            parts = 10**self.decimals
            if math.ceil(least * parts) > math.floor(most * parts):
                table.note("decimals", "no number from least to most has so few; allow more.")
            return
        if self.kind is not QuestionKind.SCALE:
            return
        if least % 1 or most % 1 or most - least >= MOST_STEPS:
            table.note("most", f"a scale has 2 to {MOST_STEPS} whole steps from least to most.")
        if len(self.ends) not in (0, 2):
            table.note("ends", 'say what both ends are, such as ["not at all", "very"].')

    def _check_translations(self, table: TomlTable) -> None:
        if not table.sound("translations", "options", "ends"):
            return
        table.refuse_repeated("translations", [one.language for one in self.translations])
        for one in self.translations:
            for key in ("options", "ends"):
                own, there = len(getattr(self, key)), len(getattr(one, key))
                if there not in (0, own):
                    table.note("translations", f"{one.language}: {key}: write all {own}, or none.")

    @property
    def steps(self) -> range:
        """The steps of a scale; those of other kinds mean nothing."""
        least, most = limits(self)
        return range(int(least), int(most) + 1)

    def worded(self, language: str) -> "Question":
        """Return the question in a language; as it is where it has no words in it."""
        for one in self.translations:
            if one.language != language:
                continue
            options = tuple(
                replace(option, text=words)
                for option, words in zip(self.options, one.options, strict=False)
            )
            return replace(
                self,
                text=one.text,
                help=one.help or self.help,
                unit=one.unit or self.unit,
                options=options or self.options,
                ends=one.ends or self.ends,
            )
        return self

    def has_words_in(self, language: str) -> bool:
        """Whether it was translated to a language."""
        return any(one.language == language for one in self.translations)


def limits(question: Question) -> tuple[float, float]:
    """Return the least and the most that an answer may be, of a scale or a number."""
    usual = {QuestionKind.SCALE: (1.0, 5.0)}.get(question.kind, (-float(LARGEST), float(LARGEST)))
    least, most = question.least, question.most
    return (usual[0] if least is None else least, usual[1] if most is None else most)
