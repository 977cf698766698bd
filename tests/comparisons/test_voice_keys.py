"""The [study.voices] table: what it takes, what it refuses, and that it comes back as written."""

from typing import Any

import pytest

from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.study.study_tables import dump_study, load_studies, study_toml
from ratings.comparisons.study.voice_keys import OwnResult, Voices, voices_of
from tests.builders import build_phase

pytestmark = pytest.mark.django_db


def load(**voices: Any) -> Study:
    phase = build_phase()
    table = {"phase": phase.slug, "slug": "s", "name": "S", "consent": "Yes."}
    (study,) = load_studies(phase.challenge, [table | ({"voices": voices} if voices else {})])
    return study


def test_a_study_that_says_nothing_of_them_is_written_as_before() -> None:
    study = load()
    assert study.voices == {}
    assert voices_of(study) == Voices(3, "", comments=True, own_result=OwnResult.NONE)
    assert "voices" not in study_toml(study)


@pytest.mark.parametrize("contact", ["raters@lab.example", "https://lab.example/contact"])
def test_what_is_said_comes_back(contact: str) -> None:
    said = {"pause_after": 2, "contact": contact, "comments": False, "own_result": "ranking"}
    study = load(**said)
    study.refresh_from_db()
    assert dump_study(study)["voices"] == said
    assert voices_of(study) == Voices(2, contact, comments=False, own_result=OwnResult.RANKING)
    assert voices_of(load_again(study)) == voices_of(study)


def load_again(study: Study) -> Study:
    (again,) = load_studies(study.phase.challenge, [dump_study(study)])
    return again


@pytest.mark.parametrize(
    ("voices", "problem"),
    [
        ({"contact": "lab"}, "contact: 'lab' must be a mail address"),
        ({"contact": "javascript:alert(1)"}, "contact: 'javascript:alert(1)' must be a mail"),
        ({"contact": "https://"}, "contact: 'https://' must be an address that begins with"),
        ({"pause_after": 0}, "pause_after"),
        ({"own_result": "all"}, "own_result: 'all' must be one of: none, agreement, ranking."),
        ({"comment": True}, "Did you mean comments?"),
    ],
)
def test_what_is_wrong_is_named(voices: dict[str, Any], problem: str) -> None:
    with pytest.raises(Refused) as refused:
        load(**voices)
    assert problem in str(refused.value)
