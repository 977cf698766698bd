"""A builder that is remembered: the same again is a copy, and nothing else is."""

import pytest
from django.core.management import call_command

from ratings.challenge.models import Phase, Team
from ratings.challenge.pictures.originals import load_original
from tests.builders import build_phase, build_team
from tests.remembered import all_rows, remembered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def calls() -> list[str]:
    return []


def test_the_same_again_has_the_same_rows_and_files_and_is_built_once(calls: list[str]) -> None:
    @remembered
    def build(name: str) -> Phase:
        calls.append(name)
        return build_phase(name=name)

    first, rows = build("one"), all_rows()
    pictures = [load_original(original) for original in first.originals()]
    first.name = "changed by a test"
    call_command("flush", interactive=False, verbosity=0)
    assert all_rows() == {}
    again = build("one")
    assert (calls, again.name, again.pk) == (["one"], "one", first.pk)
    assert all_rows() == rows
    assert all(
        (load_original(o) == p).all() for o, p in zip(again.originals(), pictures, strict=True)
    )
    assert build_phase(again.challenge).pk > again.pk  # no key is given twice
    call_command("flush", interactive=False, verbosity=0)
    assert build("two").name == "two" and calls == ["one", "two"]


def test_beside_other_rows_or_of_another_row_it_is_built_anew(calls: list[str]) -> None:
    @remembered
    def build(phase: Phase) -> Team:
        calls.append(phase.name)
        Phase.objects.filter(pk=phase.pk).update(name="has a team")
        return build_team(phase.challenge)

    begin = remembered(build_phase)
    kept = build(begin())
    for change in (None, "rows", "fields"):
        call_command("flush", interactive=False, verbosity=0)
        phase = begin()
        if change == "rows":
            build_team(phase.challenge)
        if change == "fields":
            phase.name = "unsaved"
        assert (build(phase).pk == kept.pk) is (change is None)
        assert Phase.objects.get().name == "has a team"  # also where rows are put in again
    assert calls == ["A phase", "A phase", "unsaved"]
