"""Links for platforms, and what a link tells: without anybody coming by it."""

from dataclasses import replace

import pytest

from ratings.comparisons.models import Rater, Study, UnfilledLink
from ratings.comparisons.protocol import Platform, Recruiting
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit
from ratings.comparisons.raters.recruiting_links import FilledBy, read_link, recruiting_links
from tests.builders import NOW
from tests.comparisons.builders import PLAIN, build_study

pytestmark = pytest.mark.django_db
PLATFORMS = (
    Platform("prolific"),
    Platform("mturk", "workerId", "hitId", "assignmentId"),
    Platform("panel", "who", "", ""),
)
FILLED = {"PROLIFIC_PID": "5f1a", "STUDY_ID": "7b", "SESSION_ID": "9c"}


def recruiting_study() -> Study:
    recruiting = Recruiting(open=False, platforms=PLATFORMS)
    return build_study(protocol=replace(PLAIN, recruiting=recruiting))


def test_each_platform_has_a_link_with_its_own_parameters() -> None:
    links = recruiting_links(recruiting_study(), "https://x.org/rate/s/")
    assert [(link.url, link.filled_by) for link in links] == [
        (
            "https://x.org/rate/s/?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}"
            "&SESSION_ID={{%SESSION_ID%}}",
            FilledBy.PLACEHOLDERS,
        ),
        ("https://x.org/rate/s/", FilledBy.PLATFORM),
        ("https://x.org/rate/s/?who={{%who%}}", FilledBy.ORGANIZER),
    ]


def test_a_filled_link_names_who_comes_from_where() -> None:
    read = read_link(recruiting_study(), FILLED | {"lang": "de", "utm": "x"}, NOW)
    assert (read.platform, read.refused, read.is_known, read.unfilled) == (
        "prolific", None, False, [],
    )  # fmt: skip
    assert [(part.value, part.means) for part in read.parts] == [
        ("5f1a", "who comes"),
        ("7b", "its study there"),
        ("9c", "its session there"),
        ("de", "the language of the page"),
        ("x", ""),
    ]


def test_unfilled_placeholders_are_named_and_not_noted() -> None:
    study = recruiting_study()
    read = read_link(study, FILLED | {"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"}, NOW)
    assert read.unfilled == ["PROLIFIC_PID"]
    assert read.refused and read.refused.code == "link-unfilled"
    of_study = read_link(study, FILLED | {"STUDY_ID": "${STUDY_ID}"}, NOW)
    assert (of_study.unfilled, of_study.refused) == (["STUDY_ID"], None)
    assert not UnfilledLink.objects.exists() and not Rater.objects.exists()


def test_a_link_says_how_a_person_would_be_met() -> None:
    study = recruiting_study()
    nobody = read_link(study, {}, NOW)
    assert nobody.refused and (nobody.platform, nobody.refused.code) == ("", "not-invited")
    admit(study, None, EntryRequest(participant=Participant("prolific", "5f1a")), NOW)
    known = read_link(study, FILLED, NOW)
    assert known.is_known and known.refused is None
    Study.objects.update(is_open=False)
    study.refresh_from_db()
    closed = read_link(study, FILLED | {"PROLIFIC_PID": "another"}, NOW)
    assert closed.refused and closed.refused.code == "study-closed"
