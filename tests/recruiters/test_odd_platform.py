"""What a platform, or a person at it, does that nobody expects: no place is lost or paid twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Rater, RecruiterAct, Recruitment, Study
from ratings.comparisons.voices.withdrawal import withdraw
from ratings.outbox.models import Event
from ratings.recruiters import recruiter_orders as orders
from ratings.recruiters.recruiting_turns import LONGEST_PAUSE, STOPPED_THERE
from tests.builders import NOW
from tests.recruiters.platform_control import Control
from tests.recruiters.recruited import LINK, PRICE, TABLE, Desk

pytestmark = pytest.mark.django_db(transaction=True)
State = Recruitment.State


def paid(platform: Control) -> list[str]:
    return [line["submission"] for line in platform.ledger()]


@pytest.mark.parametrize("kind", ["520", "page"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "studies/$"), ("POST", "transition/$"), ("GET", "studies/$")]
)
def test_a_proxy_s_answer_is_no_answer(
    platform: Control, method: str, path: str, kind: str
) -> None:
    platform.fault(method, path, kind)
    desk = Desk(platform, step=2)
    desk.turn(2)
    orders.publish(desk.row(), "olga", NOW)
    desk.turn(2)
    state = platform.ask("state")
    assert len(state["studies"]) == 1 and platform.study()["status"] == "ACTIVE"
    assert {state for _, state in desk.acts()} == {"done"}


def test_a_list_that_cannot_be_read_is_not_an_empty_one(platform: Control) -> None:
    desk = Desk(platform).published()
    rater = desk.person("a")
    assert rater
    desk.turn()
    platform.fault("GET", "submissions/$", "page")
    orders.stop(desk.row(), "olga", NOW)
    row = desk.turn()
    assert "can't be read" in row.trouble and row.counts == {"ACTIVE": 1}
    desk.finish(rater)
    desk.turn(2)
    assert paid(platform) == [rater.recruit.platform_session]


def test_a_bonus_whose_answer_a_proxy_ate_is_paid_once(platform: Control) -> None:
    desk = Desk(platform).published()
    rater = desk.person("a")
    assert rater
    platform.fault("POST", "/pay/", "520")
    orders.give_bonus(desk.row(), rater, 50, "For a good remark.", "olga", NOW)
    desk.turn(2)
    assert RecruiterAct.objects.get(kind="bonus").state == "done" and len(platform.ledger()) == 1


def test_somebody_who_is_gone_there_holds_up_nobody(platform: Control) -> None:
    desk = Desk(platform).published()
    first, second = desk.person("a"), desk.person("b")
    assert first and second
    gone = first.recruit.platform_session
    for method, path in [("POST", f"{gone}/transition"), ("GET", f"submissions/{gone}")]:
        platform.fault(method, path, "404")
    desk.finish(first)
    desk.finish(second)
    row = desk.turn()
    assert paid(platform) == [second.recruit.platform_session] and not row.trouble
    assert sorted(state for kind, state in desk.acts() if kind == "approve") == ["done", "refused"]


def test_pages_of_any_size_are_read_to_their_end(platform: Control) -> None:
    platform.ask("page", most=3)
    desk = Desk(platform, step=8, money_limit=8 * PRICE).published()
    raters = [desk.person(f"p{number}") for number in range(8)]
    for rater in raters:
        assert rater
        desk.finish(rater)
    desk.turn()
    assert sorted(paid(platform)) == sorted(one.recruit.platform_session for one in raters if one)


def test_who_came_just_before_the_end_is_paid_though_the_last_look_failed(
    platform: Control,
) -> None:
    desk = Desk(platform).published()
    rater = desk.person("a")  # after the last look
    assert rater
    orders.stop(desk.row(), "olga", NOW)
    platform.fault("GET", r"studies/\w+/$", "503")
    assert desk.turn().trouble
    desk.finish(rater)
    desk.turn(2)
    assert paid(platform) == [rater.recruit.platform_session]


def test_a_study_stopped_there_is_not_opened_again(platform: Control) -> None:
    desk = Desk(platform).published()
    for name in "ab":
        rater = desk.person(name)
        assert rater
        desk.finish(rater)
    platform.ask("transition", action="STOP")
    row = desk.turn(2)
    assert (row.state, row.reason, row.places) == (State.STOPPED, STOPPED_THERE, 4)
    assert platform.study()["total_available_places"] == 4 and len(platform.ledger()) == 2


def test_a_reward_that_was_raised_there_counts_against_the_limit(platform: Control) -> None:
    desk = Desk(platform, step=2, money_limit=8 * PRICE).published()
    platform.ask("study", reward=300)
    came = 0
    while rater := desk.person(f"p{came}"):
        came += 1
        desk.finish(rater)
        desk.turn()
    assert came == 4 and sum(line["cost"] for line in platform.ledger()) == 8 * PRICE


def test_a_clock_that_is_set_back_ends_the_pause(platform: Control) -> None:
    desk = Desk(platform)
    Recruitment.objects.filter(pk=desk.pk).update(not_before=NOW + timedelta(days=400))
    assert desk.turn().state == State.DRAFT
    Recruitment.objects.filter(pk=desk.pk).update(not_before=desk.clock.now + LONGEST_PAUSE)
    calls = len(platform.ask("state")["calls"])
    desk.turn()
    assert len(platform.ask("state")["calls"]) == calls


def test_a_long_wait_that_the_platform_asks_for_is_cut(platform: Control) -> None:
    desk = Desk(platform)
    platform.fault("POST", "cost", "429", after="9" * 400)
    assert desk.turn().not_before == NOW + LONGEST_PAUSE


def test_a_draft_in_a_wrong_currency_is_made_anew(platform: Control) -> None:
    desk = Desk(platform, currency="USD")
    row = desk.turn()
    with pytest.raises(Refused, match="pays in GBP"):
        orders.publish(row, "olga", NOW)
    Study.objects.filter(pk=desk.study.pk).update(recruiters=[replace(TABLE, step=2).as_json()])
    with pytest.raises(Refused, match="another draft"):
        orders.publish(desk.row(), "olga", NOW)
    study = Study.objects.get(pk=desk.study.pk)
    assert orders.make_draft(study, "prolific", LINK, "olga", NOW).pk == desk.pk
    desk.published()
    state = platform.ask("state")
    assert [one["status"] for one in state["studies"].values()] == ["UNPUBLISHED", "ACTIVE"]
    assert (desk.row().places, desk.row().currency) == (2, "GBP")


def test_what_is_published_there_in_a_wrong_currency_buys_nothing(platform: Control) -> None:
    desk = Desk(platform, currency="USD")
    desk.turn()
    platform.ask("transition", action="PUBLISH")
    row = desk.turn(2)
    assert row.state == State.PAUSED and "pays in GBP" in row.reason
    assert "pays in GBP" in Event.objects.get().facts["words"]
    assert platform.study()["status"] == "PAUSED"


def test_who_finished_and_then_withdrew_is_paid(platform: Control) -> None:
    desk = Desk(platform).published()
    first, second = desk.person("a"), desk.person("b")
    assert first and second
    Rater.objects.filter(pk=first.pk).update(finished_at=NOW)
    for rater in (first, second):  # the second one in the middle of it
        rater.refresh_from_db()
        withdraw(rater, NOW, keep=False)
        platform.come(rater.recruit.platform_session)
    (waits,) = desk.turn().waiting
    assert paid(platform) == [first.recruit.platform_session]
    assert (waits["submission"], waits["came"]) == (second.recruit.platform_session, "unfinished")
