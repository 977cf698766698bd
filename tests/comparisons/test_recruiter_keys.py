"""The tables [[study.recruiter]]: read, written back, held to platforms and what is published."""

import tomllib
from datetime import timedelta
from typing import Any

import pytest

from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Recruitment, Study
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit
from ratings.comparisons.study.public_definition import public_definition
from ratings.comparisons.study.recruiter_keys import recruiter_of
from ratings.comparisons.study.study_tables import dump_study, load_studies, study_toml
from tests.builders import NOW, build_phase
from tests.comparisons.recruits import refused

pytestmark = pytest.mark.django_db
UNTIL = NOW.replace(microsecond=0) + timedelta(days=9)
PLATFORM = {
    "slug": "prolific",
    "completion_code": "C1",
    "completion_url": "https://app.prolific.com/submissions/complete?cc={code}",
}
RECRUITER = {
    "platform": "prolific",
    "reward": 150,
    "currency": "GBP",
    "money_limit": 50_000,
    "until": UNTIL,
    "description": "Compare pictures.",
}


def a_table(sent_by: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    return {
        "phase": "open",
        "slug": "s",
        "name": "S",
        "consent": "Yes.",
        "recruiting": {"platforms": [sent_by or PLATFORM]},
        "recruiter": [RECRUITER | keys],
    }


@pytest.fixture
def challenge() -> Challenge:
    return build_phase(slug="open").challenge


def load(challenge: Challenge, table: dict[str, Any]) -> Study:
    return load_studies(challenge, [table])[0]


def test_a_recruiter_is_read_and_written_back(challenge: Challenge) -> None:
    study = load(challenge, a_table())
    table = recruiter_of(study, "prolific")
    assert table and (table.reward, table.until, table.step) == (150, UNTIL, 10)
    (again,) = tomllib.loads(study_toml(study))["study"]
    assert again["recruiter"] == dump_study(study)["recruiter"]
    assert load(challenge, again).recruiters == study.recruiters


def test_a_study_without_one_is_written_as_before(challenge: Challenge) -> None:
    study = load(challenge, a_table() | {"recruiter": []})
    assert "recruiter" not in dump_study(study)


def test_the_public_definition_does_not_tell_the_money(challenge: Challenge) -> None:
    text = public_definition(study_toml(load(challenge, a_table())))
    assert "50000" not in text and "recruiter" not in text


@pytest.mark.parametrize(
    ("keys", "mend"),
    [
        ({"platform": "mturk"}, "there is no [[study.recruiting.platforms]] 'mturk'"),
        ({"currency": "pounds"}, "it must have at most 3 characters"),
        ({"currency": "gbp"}, "must be three capital letters"),
        ({"money_limit": 100}, "one place costs more"),
        ({"description": ""}, "say there what people are asked to do"),
        ({"devices": ["watch"]}, "'watch' is not one of: desktop, tablet, mobile"),
        ({"devices": []}, "name at least one"),
        ({"kind": "mturk"}, "must be one of: prolific, link"),
        ({"reward": 1.5}, "a whole number"),
        ({"token": "x"}, "this key is unknown"),
    ],
)
def test_what_can_t_be_meant_is_named(
    challenge: Challenge, keys: dict[str, Any], mend: str
) -> None:
    with pytest.raises(Refused) as caught:
        load(challenge, a_table(**keys))
    assert mend in str(caught.value)


@pytest.mark.parametrize(
    ("platform", "mend"),
    [
        ({"completion_url": ""}, "needs its completion_code and completion_url"),
        ({"participant": "who"}, "other parameters than Prolific's"),
    ],
)
def test_a_platform_that_is_not_prolific_s_is_named(
    challenge: Challenge, platform: dict[str, str], mend: str
) -> None:
    with pytest.raises(Refused) as caught:
        load(challenge, a_table(PLATFORM | platform))
    assert mend in str(caught.value)
    load(challenge, a_table(PLATFORM | platform, kind="link"))


def test_one_platform_has_one_recruiter(challenge: Challenge) -> None:
    with pytest.raises(Refused, match="more than once"):
        load(challenge, a_table() | {"recruiter": [RECRUITER, RECRUITER]})


def test_what_the_platform_has_is_fixed_and_the_limits_are_not(challenge: Challenge) -> None:
    study = load(challenge, a_table())
    row = Recruitment.objects.create(study=study, platform="prolific", remote_id="7", state="draft")
    load(challenge, a_table(currency="USD"))  # a draft can be made anew
    load(challenge, a_table())
    Recruitment.objects.filter(pk=row.pk).update(state="running")
    load(challenge, a_table(money_limit=90_000, step=3, approve=False))
    with pytest.raises(Refused, match="reward: the study at the platform has 150"):
        load(challenge, a_table(reward=200))


def came(name: str) -> EntryRequest:
    return EntryRequest(participant=Participant("prolific", name, "s", name))


def test_a_plain_link_takes_as_many_as_the_money_pays(challenge: Challenge) -> None:
    study = load(challenge, a_table(kind="link", money_limit=399))
    for name in ("a", "b"):
        admit(study, None, came(name), NOW)
    assert refused(study, came("c")) == "quota-reached"
    assert refused(study, came("c"), UNTIL) == "quota-reached"


def test_after_its_date_a_plain_link_takes_nobody(challenge: Challenge) -> None:
    study = load(challenge, a_table(kind="link", most_places=9))
    assert refused(study, came("a"), UNTIL) == "quota-reached"
    admit(study, None, came("a"), NOW)


def test_a_recruiter_stays_once_there_is_a_study_at_its_platform(challenge: Challenge) -> None:
    study = load(challenge, a_table())
    without = a_table() | {"recruiter": []}
    row = Recruitment.objects.create(study=study, platform="prolific")
    act = row.acts.create(kind="create", ordered_at=NOW)
    message = "recruiter: prolific: there is a study of it at the platform"
    with pytest.raises(Refused, match=message):  # it is being made
        load(challenge, without)
    act.delete()
    load(challenge, without)
    load(challenge, a_table())
    Recruitment.objects.update(remote_id="r")
    with pytest.raises(Refused, match=message):
        load(challenge, without)
    load(challenge, a_table(money_limit=40_000))


def test_codes_are_fixed_once_the_study_at_the_platform_has_them(challenge: Challenge) -> None:
    study = load(challenge, a_table())
    load(challenge, a_table(PLATFORM | {"completion_code": "C2"}))
    running = Recruitment.State.RUNNING
    Recruitment.objects.create(study=study, platform="prolific", remote_id="r", state=running)
    for key, had in (("completion_code", "C2"), ("screenout_code", "")):
        other = PLATFORM | {"completion_code": "C2", key: "C3"}
        with pytest.raises(Refused, match=f"{key}: the study at the platform has '{had}'"):
            load(challenge, a_table(other))
