"""Recruiting: limits hold however many come at once, and a person is one rater."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from ratings.challenge.refusals import Refused
from ratings.comparisons import raters
from ratings.comparisons.models import Rater, Recruit, Study, Visit
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.recruiting import (
    PLACE_HELD,
    Arrival,
    Participant,
    admit,
    arrival,
    foreseen,
    is_back,
)
from ratings.comparisons.scheduling import issue
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater, build_study
from tests.comparisons.recruits import PROLIFIC, recruiting

pytestmark = pytest.mark.django_db
TWO = replace(PROLIFIC, most_raters=2)


def sent(name: str) -> Arrival:
    return Arrival(participant=Participant("prolific", name))


def refused(study: Study, came: Arrival, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as caught:
        admit(study, None, came, now)
    return caught.value.code


def all_at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Run the acts at once; return "" for each that was done, and the codes of those refused."""

    def run(act: Callable[[], object]) -> str:
        try:
            act()
        except Refused as error:
            return error.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_an_address_tells_how_somebody_came() -> None:
    study = build_study(how=recruiting(platforms=(PROLIFIC, replace(PROLIFIC, slug="b"))))
    assert arrival(study, {}) == Arrival()
    assert arrival(study, {"invitation": "abc", "utm": "x"}) == Arrival("abc")
    found = arrival(study, {"PROLIFIC_PID": "p", "STUDY_ID": "s", "SESSION_ID": "t"})
    assert found == Arrival(participant=Participant("prolific", "p", "s", "t"))
    assert arrival(study, {"PROLIFIC_PID": "", "STUDY_ID": "s"}) == Arrival()
    assert arrival(build_study(), {"PROLIFIC_PID": "p"}) == Arrival()


def test_a_withdrawn_invitation_of_this_study_and_one_of_another_let_nobody_in() -> None:
    study, other = build_study(), build_study()
    foreign = other.invitations.create()
    gone = study.invitations.create(revoked_at=NOW)
    for invitation in (foreign, gone):
        assert refused(study, Arrival(invitation.token)) == "not-invited"


def test_another_invitation_at_the_same_browser_is_somebody_else() -> None:
    study = build_study(how=recruiting(open=False))
    own, other, gone = (study.invitations.create() for _ in range(3))
    rater, _ = admit(study, None, Arrival(own.token), NOW)
    study.invitations.filter(pk=gone.pk).update(revoked_at=NOW)
    for came in (Arrival(), Arrival(own.token), Arrival(gone.token), Arrival("misspelt")):
        assert is_back(rater, came)
        assert admit(study, rater, came, NOW) == (rater, False)
    second, is_new = admit(study, rater, Arrival(other.token), NOW)
    assert is_new and second.invitation == other
    # Both are used now: neither person goes on as the other.
    with pytest.raises(Refused, match="is used"):
        admit(study, rater, Arrival(other.token), NOW)


@pytest.mark.parametrize(
    ("how", "came", "code"),
    [
        (recruiting(), Arrival(), ""),
        (recruiting(most_raters=0), Arrival(), "quota-reached"),
        (recruiting(open=False), Arrival(), "not-invited"),
        (recruiting(), Arrival("unknown"), "not-invited"),
        (recruiting(platforms=(replace(PROLIFIC, most_raters=0),)), sent("a"), "quota-reached"),
        (recruiting(open=False, platforms=(PROLIFIC,)), sent("a"), ""),
    ],
)
def test_a_refusal_is_foreseen(how: Protocol, came: Arrival, code: str) -> None:
    study = build_study(how=how)
    assert foreseen(study, came, NOW) == code
    if code:
        assert refused(study, came) == code


def test_who_was_here_before_is_not_refused_for_those_who_came_since() -> None:
    study = build_study(how=recruiting(most_raters=1, platforms=(PROLIFIC,)))
    admit(study, None, sent("a"), NOW)
    assert foreseen(study, sent("a"), NOW) == ""
    assert foreseen(study, sent("b"), NOW) == "quota-reached"
    Study.objects.update(is_open=False)
    study.refresh_from_db()
    assert foreseen(study, Arrival(), NOW) == "study-closed"


def test_the_screened_out_and_the_simulated_take_no_place() -> None:
    study = build_study(how=recruiting(most_raters=1))
    raters.begin(study, NOW, simulated=True)
    Rater.objects.filter(pk=build_rater(study).pk).update(screened_out_at=NOW)
    assert admit(study, None, Arrival(), NOW)[1]
    assert refused(study, Arrival()) == "quota-reached"


def test_who_leaves_gives_the_place_back_and_who_is_done_keeps_it() -> None:
    study = build_study(how=recruiting(most_raters=1))
    rater, _ = admit(study, None, Arrival(), NOW)
    soon, later = NOW + PLACE_HELD - timedelta(seconds=1), NOW + PLACE_HELD
    assert refused(study, Arrival(), soon) == "quota-reached"
    Rater.objects.filter(pk=rater.pk).update(finished_at=NOW)
    assert refused(study, Arrival(), later) == "quota-reached"
    Rater.objects.filter(pk=rater.pk).update(finished_at=None)
    assert admit(study, None, Arrival(), later)[1]


def test_who_was_issued_a_trial_lately_keeps_the_place() -> None:
    study = build_filled_study(how=recruiting(most_raters=1))
    rater, _ = admit(study, None, Arrival(), NOW)
    issue(rater, 1, NOW + PLACE_HELD, np.random.default_rng(1))
    assert refused(study, Arrival(), NOW + 1.5 * PLACE_HELD) == "quota-reached"
    assert admit(study, None, Arrival(), NOW + 2 * PLACE_HELD)[1]


def test_a_platform_has_a_quota_of_its_own() -> None:
    study = build_study(how=recruiting(platforms=(TWO,)))
    for name in ("a", "b"):
        assert admit(study, None, sent(name), NOW)[1]
    assert refused(study, sent("c")) == "quota-reached"
    assert admit(study, None, Arrival(), NOW)[1]
    assert not admit(study, None, sent("a"), NOW)[1]


def test_a_platform_needs_no_invitation_where_others_do() -> None:
    study = build_study(how=recruiting(open=False, platforms=(PROLIFIC,)))
    assert refused(study, Arrival()) == "not-invited"
    assert admit(study, None, sent("a"), NOW)[1]


@pytest.mark.django_db(transaction=True)
def test_limits_hold_however_many_come_at_once() -> None:
    full = build_study(how=recruiting(most_raters=3))
    invited = build_study(how=recruiting(open=False))
    token = invited.invitations.create(most_raters=2).token
    quota = build_study(how=recruiting(platforms=(TWO,)))
    came = [
        *((full, Arrival()) for _ in range(6)),
        *((invited, Arrival(token)) for _ in range(5)),
        *((quota, sent(f"p{number}")) for number in range(5)),
    ]
    codes = all_at_once([lambda s=s, c=c: admit(s, None, c, NOW) for s, c in came])  # type: ignore[misc]
    assert codes == sorted(
        ["quota-reached"] * 3 + ["invitation-used"] * 3 + ["quota-reached"] * 3 + [""] * 7
    )
    assert [study.raters.count() for study in (full, invited, quota)] == [3, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_one_person_in_many_windows_is_one_rater_with_many_visits() -> None:
    study = build_study(how=recruiting(platforms=(PROLIFIC,)))

    def open_page() -> None:
        rater, _ = admit(study, None, sent("p"), NOW)
        raters.visit(rater, "a browser", {}, NOW)

    assert all_at_once([open_page] * 8) == [""] * 8
    assert Recruit.objects.count() == Rater.objects.count() == 1
    assert sorted(Visit.objects.values_list("number", flat=True)) == list(range(1, 9))
