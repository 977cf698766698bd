"""Recruiting: limits hold however many come at once, and a person is one rater."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection

from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import lock_rater, lock_study, locking
from ratings.comparisons.models import Rater, Recruit, Study, UnfilledLink, Visit
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.raters.places import PLACE_HELD
from ratings.comparisons.raters.recruiting import (
    EntryRequest,
    Participant,
    admit,
    is_same_rater,
    note_unfilled,
    precheck,
    read_entry_request,
    returning,
)
from ratings.comparisons.trials.scheduling import issue
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater, build_study
from tests.comparisons.recruits import PROLIFIC, recruiting, refused

pytestmark = pytest.mark.django_db
TWO = replace(PROLIFIC, most_raters=2)


def sent(name: str) -> EntryRequest:
    return EntryRequest(participant=Participant("prolific", name))


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
    study = build_study(protocol=recruiting(platforms=(PROLIFIC, replace(PROLIFIC, slug="b"))))
    assert read_entry_request(study, {}) == EntryRequest()
    assert read_entry_request(study, {"invitation": "abc", "utm": "x"}) == EntryRequest("abc")
    request = read_entry_request(study, {"PROLIFIC_PID": "p", "STUDY_ID": "s", "SESSION_ID": "t"})
    assert request == EntryRequest(participant=Participant("prolific", "p", "s", "t"))
    # Empty it names nobody, which is not the same as to say nothing.
    nobody = Participant("prolific", "", "s")
    assert read_entry_request(study, {"PROLIFIC_PID": "", "STUDY_ID": "s"}) == EntryRequest(
        participant=nobody
    )
    assert read_entry_request(build_study(), {"PROLIFIC_PID": "p"}) == EntryRequest()


def test_a_withdrawn_invitation_of_this_study_and_one_of_another_let_nobody_in() -> None:
    study, other = build_study(), build_study()
    foreign = other.invitations.create()
    gone = study.invitations.create(revoked_at=NOW)
    for invitation in (foreign, gone):
        assert refused(study, EntryRequest(invitation.token)) == "not-invited"


def test_another_invitation_at_the_same_browser_is_somebody_else() -> None:
    study = build_study(protocol=recruiting(open=False))
    own, other, gone = (study.invitations.create() for _ in range(3))
    rater, _ = admit(study, None, EntryRequest(own.token), NOW)
    study.invitations.filter(pk=gone.pk).update(revoked_at=NOW)
    for entry in (
        EntryRequest(),
        EntryRequest(own.token),
        EntryRequest(gone.token),
        EntryRequest("misspelt"),
    ):
        assert is_same_rater(rater, entry)
        assert admit(study, rater, entry, NOW) == (rater, False)
    second, is_new = admit(study, rater, EntryRequest(other.token), NOW)
    assert is_new and second.invitation == other
    # Both are used now: neither person goes on as the other.
    with pytest.raises(Refused, match="is used"):
        admit(study, rater, EntryRequest(other.token), NOW)


@pytest.mark.parametrize(
    ("protocol", "entry", "code"),
    [
        (recruiting(), EntryRequest(), ""),
        (recruiting(most_raters=0), EntryRequest(), "quota-reached"),
        (recruiting(open=False), EntryRequest(), "not-invited"),
        (recruiting(), EntryRequest("unknown"), "not-invited"),
        (recruiting(platforms=(replace(PROLIFIC, most_raters=0),)), sent("a"), "quota-reached"),
        (recruiting(open=False, platforms=(PROLIFIC,)), sent("a"), ""),
    ],
)
def test_a_refusal_is_foreseen(protocol: Protocol, entry: EntryRequest, code: str) -> None:
    study = build_study(protocol=protocol)
    assert precheck(study, entry, NOW) == code
    if code:
        assert refused(study, entry) == code


def test_who_was_here_before_is_not_refused_for_those_who_came_since() -> None:
    study = build_study(protocol=recruiting(most_raters=1, platforms=(PROLIFIC,)))
    admit(study, None, sent("a"), NOW)
    assert precheck(study, sent("a"), NOW) == ""
    assert precheck(study, sent("b"), NOW) == "quota-reached"
    Study.objects.update(is_open=False)
    study.refresh_from_db()
    assert precheck(study, EntryRequest(), NOW) == "study-closed"


def test_the_screened_out_and_the_simulated_take_no_place() -> None:
    study = build_study(protocol=recruiting(most_raters=1))
    rater_keys.begin_session(study, NOW, simulated=True)
    Rater.objects.filter(pk=build_rater(study).pk).update(screened_out_at=NOW)
    assert admit(study, None, EntryRequest(), NOW)[1]
    assert refused(study, EntryRequest()) == "quota-reached"


def test_who_leaves_gives_the_place_back_and_who_is_done_keeps_it() -> None:
    study = build_study(protocol=recruiting(most_raters=1))
    rater, _ = admit(study, None, EntryRequest(), NOW)
    soon, later = NOW + PLACE_HELD - timedelta(seconds=1), NOW + PLACE_HELD
    assert refused(study, EntryRequest(), soon) == "quota-reached"
    Rater.objects.filter(pk=rater.pk).update(finished_at=NOW)
    assert refused(study, EntryRequest(), later) == "quota-reached"
    Rater.objects.filter(pk=rater.pk).update(finished_at=None)
    assert admit(study, None, EntryRequest(), later)[1]


def test_who_was_issued_a_trial_lately_keeps_the_place() -> None:
    study = build_filled_study(protocol=recruiting(most_raters=1))
    rater, _ = admit(study, None, EntryRequest(), NOW)
    issue(rater, 1, NOW + PLACE_HELD, np.random.default_rng(1))
    assert refused(study, EntryRequest(), NOW + 1.5 * PLACE_HELD) == "quota-reached"
    assert admit(study, None, EntryRequest(), NOW + 2 * PLACE_HELD)[1]


def test_a_platform_has_a_quota_of_its_own() -> None:
    study = build_study(protocol=recruiting(platforms=(TWO,)))
    for name in ("a", "b"):
        assert admit(study, None, sent(name), NOW)[1]
    assert refused(study, sent("c")) == "quota-reached"
    assert admit(study, None, EntryRequest(), NOW)[1]
    assert not admit(study, None, sent("a"), NOW)[1]


def test_a_platform_needs_no_invitation_where_others_do() -> None:
    study = build_study(protocol=recruiting(open=False, platforms=(PROLIFIC,)))
    assert refused(study, EntryRequest()) == "not-invited"
    assert admit(study, None, sent("a"), NOW)[1]


@pytest.mark.django_db(transaction=True)
def test_limits_hold_however_many_come_at_once() -> None:
    full = build_study(protocol=recruiting(most_raters=3))
    invited = build_study(protocol=recruiting(open=False))
    token = invited.invitations.create(most_raters=2).token
    quota = build_study(protocol=recruiting(platforms=(TWO,)))
    entry = [
        *((full, EntryRequest()) for _ in range(6)),
        *((invited, EntryRequest(token)) for _ in range(5)),
        *((quota, sent(f"p{number}")) for number in range(5)),
    ]
    codes = all_at_once([lambda s=s, c=c: admit(s, None, c, NOW) for s, c in entry])  # type: ignore[misc]
    assert codes == sorted(
        ["quota-reached"] * 3 + ["invitation-used"] * 3 + ["quota-reached"] * 3 + [""] * 7
    )
    assert [study.raters.count() for study in (full, invited, quota)] == [3, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_where_nobody_is_counted_nobody_waits_to_begin() -> None:
    study = build_study()
    rater = build_rater(study)

    def begin() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        admit(study, None, EntryRequest(), NOW)
        rater_keys.visit(rater, "a browser", {}, NOW)

    with locking():
        lock_rater(rater.pk)
        lock_study(study.pk)
        assert all_at_once([begin] * 3) == [""] * 3
    assert study.raters.count() == 4
    assert sorted(rater.visits.values_list("number", flat=True)) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_one_person_in_many_windows_is_one_rater_with_many_visits() -> None:
    study = build_study(protocol=recruiting(platforms=(PROLIFIC,)))

    def open_page() -> None:
        rater, _ = admit(study, None, sent("p"), NOW)
        rater_keys.visit(rater, "a browser", {}, NOW)

    assert all_at_once([open_page] * 8) == [""] * 8
    assert Recruit.objects.count() == Rater.objects.count() == 1
    assert sorted(Visit.objects.values_list("number", flat=True)) == list(range(1, 9))


UNFILLED = "{{%PROLIFIC_PID%}}"


def test_a_link_that_names_nobody_begins_nothing() -> None:
    study = build_filled_study(protocol=recruiting(platforms=(PROLIFIC,)))
    entry = read_entry_request(study, {"PROLIFIC_PID": UNFILLED, "STUDY_ID": "{{%STUDY_ID%}}"})
    assert precheck(study, entry, NOW) == refused(study, entry) == "link-unfilled"
    assert refused(study, read_entry_request(study, {"PROLIFIC_PID": ""})) == "link-unfilled"
    assert not Rater.objects.exists()
    # Nor does whom an earlier version took for a person go on, whatever cookie they hold.
    shared = build_rater(study)
    Recruit.objects.create(rater=shared, study=study, platform="prolific", participant=UNFILLED)
    assert refused(study, entry) == "link-unfilled" and returning(study, entry) is None
    assert not is_same_rater(shared, entry)
    with pytest.raises(Refused):
        admit(study, shared, entry, NOW)


def test_visits_by_such_a_link_are_counted_by_platform() -> None:
    study = build_filled_study(protocol=recruiting(platforms=(PROLIFIC,)))
    for at in range(3):
        note_unfilled(study, sent(f"{UNFILLED} {at} " + "x" * 200), NOW + at * timedelta(hours=1))
    (link,) = UnfilledLink.objects.values("study", "platform", "times", "last_at", "value")
    assert (link["study"], link["platform"], link["times"]) == (study.pk, "prolific", 3)
    assert link["last_at"] == NOW + timedelta(hours=2)
    assert link["value"].startswith(f"{UNFILLED} 2") and len(link["value"]) == 100


def test_who_comes_back_from_a_platform_is_known_at_once() -> None:
    study = build_filled_study(protocol=recruiting(platforms=(PROLIFIC,)))
    rater, _ = admit(study, None, sent("one"), NOW)
    assert returning(study, sent("one")) == rater
    assert returning(study, sent("two")) is None and returning(study, EntryRequest()) is None
