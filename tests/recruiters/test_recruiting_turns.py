"""Turns against the tests' platform: steps, ends, pay, and answers that are lost."""

from dataclasses import replace

import pytest
from django.db import transaction

from ratings.challenge.models import AuditEntry
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Rater, RecruiterAct, Recruitment, Stage, Study
from ratings.comparisons.raters.privacy import erase_rater
from ratings.comparisons.study.stages import go_over
from ratings.comparisons.voices.withdrawal import withdraw
from ratings.outbox.models import Event
from ratings.recruiters import recruiter_orders as orders
from ratings.recruiters.recruiter_acts import UNCLEAR, order
from tests.builders import NOW
from tests.recruiters.platform_control import Control
from tests.recruiters.platform_server import TOKEN
from tests.recruiters.recruited import PRICE, PROTOCOL, Desk, recruited_study

pytestmark = pytest.mark.django_db(transaction=True)
State = Recruitment.State


def test_a_draft_has_the_study_s_link_and_codes_and_costs_nothing(platform: Control) -> None:
    desk = Desk(platform)
    row, there = desk.turn(), platform.study()
    assert (row.state, row.places, row.price, row.currency) == (State.DRAFT, 4, PRICE, "GBP")
    assert there["status"] == "UNPUBLISHED" and there["external_study_url"] == row.link
    assert [code["code"] for code in there["completion_codes"]] == ["C1A2", "S3B4"]
    assert platform.ledger() == []


def test_places_come_in_steps_and_end_with_the_money(platform: Control) -> None:
    desk = Desk(platform, money_limit=10 * PRICE).published()
    came = 0
    while rater := desk.person(f"p{came}"):
        came += 1
        desk.finish(rater)
        row = desk.turn()
        assert row.places * PRICE <= 10 * PRICE and row.places - came <= 4
    row = desk.turn(2)
    assert came == 10 and row.state == State.STOPPED and "money limit" in row.reason
    paid = [line["submission"] for line in platform.ledger()]
    assert len(paid) == len(set(paid)) == 10
    assert sum(line["cost"] for line in platform.ledger()) == 10 * PRICE


def test_it_ends_when_the_study_does_and_pays_who_is_still_at_work(platform: Control) -> None:
    desk = Desk(platform).published()
    first, second = desk.person("a"), desk.person("b")
    assert first and second
    desk.finish(first)
    desk.turn()
    reason = "All neighbours are told apart."
    Study.objects.filter(pk=desk.study.pk).update(is_open=False, stopped_reason=reason)
    row = desk.turn(2)
    assert (row.state, row.reason) == (State.STOPPED, reason)
    (call,) = Event.objects.filter(kind=Event.Kind.NEEDED)
    assert call.facts["words"].endswith(f": Recruiting has stopped: {reason}")
    assert platform.study()["status"] == "PAUSED" and desk.person("c") is None
    desk.finish(second)
    desk.turn()
    assert len(platform.ledger()) == 2


def test_a_place_that_somebody_left_is_filled_again(platform: Control) -> None:
    desk = Desk(platform, step=2, most_places=2).published()
    gone, slow = desk.person("a"), desk.person("b")
    assert gone and slow and desk.person("c") is None
    platform.come(gone.recruit.platform_session, "RETURNED")
    platform.come(slow.recruit.platform_session, "TIMED-OUT")
    third, fourth = desk.person("c"), desk.person("d")
    assert third and fourth
    for rater in (third, fourth):
        desk.finish(rater)
    row = desk.turn(3)
    assert row.places == 2 and row.state == State.STOPPED and "All 2 places" in row.reason
    assert len(platform.ledger()) == 2


LOST = [
    ("POST", "studies/$"),
    ("POST", "transition/$"),
    ("PATCH", "studies/"),
    ("POST", "submissions/.*/transition"),
]


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [*((*call, "cut") for call in LOST), (*LOST[0], "503"), (*LOST[3], "429")],
)
def test_a_lost_answer_is_read_back_and_nothing_done_twice(
    platform: Control, method: str, path: str, kind: str
) -> None:
    platform.fault(method, path, kind)
    desk = Desk(platform, step=2)
    desk.turn(2)
    orders.publish(desk.row(), "olga", NOW)
    desk.turn(2)
    for name in "abc":
        rater = desk.person(name)
        assert rater
        desk.finish(rater)
        desk.turn(2)
    state = platform.ask("state")
    assert len(state["studies"]) == 1 and not desk.row().trouble
    paid = [line["submission"] for line in state["ledger"]]
    assert sorted(paid) == sorted(state["submissions"])
    assert {state for _, state in desk.acts()} == {"done"}


def test_trouble_is_told_without_the_token_and_waits_longer_each_time(
    platform: Control, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(platform)
    platform.fault("POST", "cost", "429", after="600")
    row = desk.turn()
    assert "429" in row.trouble and row.mend and row.not_before
    assert (row.not_before - NOW).total_seconds() == 600
    desk.turn(3)
    assert len(platform.ask("state")["calls"]) == 1
    assert TOKEN not in caplog.text and TOKEN not in row.trouble + row.mend


def test_nobody_is_refused_without_a_person(platform: Control) -> None:
    desk = Desk(platform).published()
    done, rejected, unfinished = (desk.person(name) for name in "abc")
    assert done and rejected and unfinished
    stranger = platform.arrive("nobody here")
    assert stranger
    Rater.objects.filter(pk=rejected.pk).update(state=Rater.State.REJECTED)
    desk.finish(done)
    desk.finish(rejected)
    platform.come(unfinished.recruit.platform_session)
    platform.come(stranger["submission"])
    row = desk.turn()
    assert [one["came"] for one in row.waiting] == ["rejected", "unfinished", "unknown"]
    assert len(platform.ledger()) == 1
    session = rejected.recruit.platform_session
    orders.decide(row, "reject", session, "You answered before the pictures came.", "olga", NOW)
    orders.decide(row, "return", stranger["submission"], "You did not come.", "olga", NOW)
    orders.decide(row, "approve", unfinished.recruit.platform_session, "", "olga", NOW)
    with pytest.raises(Refused):
        orders.decide(desk.row(), "approve", session, "", "olga", NOW)
    desk.turn()
    seen = platform.ask("state")["submissions"]
    assert seen[session]["status"] == "REJECTED"
    assert seen[stranger["submission"]]["return_requested"]
    assert len(platform.ledger()) == 2
    assert AuditEntry.objects.filter(kind="recruiter", by="olga").count() == 5


def test_who_stayed_away_or_found_no_place_is_not_paid_unseen(platform: Control) -> None:
    desk = Desk(platform).published()
    away, full, hopeless = (desk.person(name) for name in "abc")
    for rater, ending in ((away, "away"), (full, "full"), (hopeless, "hopeless")):
        assert rater
        state = "not_used" if ending == "hopeless" else "used"
        Rater.objects.filter(pk=rater.pk).update(ending=ending, ended_at=NOW, state=state)
        platform.come(rater.recruit.platform_session)
    assert [one["came"] for one in desk.turn().waiting] == ["left-out", "left-out"]
    assert len(platform.ledger()) == 1


def test_who_withdrew_is_paid_as_at_the_end_that_they_had_come_to(platform: Control) -> None:
    desk = Desk(platform, step=6).published()
    done, away, early, failed = (desk.person(name) for name in "abcd")
    assert done and away and early and failed
    Rater.objects.filter(pk=away.pk).update(ending="away", ended_at=NOW)
    Rater.objects.filter(pk=failed.pk).update(screened_out_at=NOW)
    Rater.objects.filter(pk=done.pk).update(finished_at=NOW)
    for rater in (done, away, early, failed):
        withdraw(rater, NOW, keep=False)
        platform.come(rater.recruit.platform_session)
    told = {one["rater"]: one["came"] for one in desk.turn().waiting}
    came = {away: "left-out", early: "unfinished", failed: "screened-out"}
    assert told == {str(rater.pk): how for rater, how in came.items()}
    assert len(platform.ledger()) == 1


def test_who_withdrew_gets_no_second_bonus(platform: Control) -> None:
    desk = Desk(platform).published()
    done = desk.person("a")
    assert done
    desk.finish(done)
    desk.turn()
    orders.give_bonus(desk.row(), done, 50, "For a good remark.", "olga", NOW)
    desk.turn()
    withdraw(done, NOW, keep=False)
    with pytest.raises(Refused, match="has a bonus already"):
        orders.give_bonus(desk.row(), done, 50, "For a good remark.", "olga", NOW)


def test_finished_people_wait_where_the_definition_says_so_and_are_paid_together(
    platform: Control,
) -> None:
    desk = Desk(platform, approve=False).published()
    for name in "abc":
        rater = desk.person(name)
        assert rater
        desk.finish(rater)
    row = desk.turn()
    assert len(row.waiting) == 3 and platform.ledger() == []
    assert orders.approve_finished(row, "olga", NOW) == 3
    assert orders.approve_finished(row, "olga", NOW) == 0
    desk.turn()
    assert len(platform.ledger()) == 3


def test_an_erased_rater_leaves_the_amount_and_is_not_paid_again(platform: Control) -> None:
    desk = Desk(platform).published()
    done, later = desk.person("a"), desk.person("b")
    assert done and later
    desk.finish(done)
    desk.turn()
    orders.give_bonus(desk.row(), done, 50, "For a good remark.", "olga", NOW)
    desk.turn()
    desk.finish(later)
    with transaction.atomic():
        # Ordered, and erased before it is carried out.
        row = Recruitment.objects.select_for_update().get(pk=desk.pk)
        session = later.recruit.platform_session
        order(row, RecruiterAct.Kind.APPROVE, NOW, submission=session, rater=later)
    for rater in (done, later):
        erase_rater(rater)
    desk.turn(2)
    assert [line["what"] for line in platform.ledger()] == ["reward", "bonus", "reward"]
    acts = RecruiterAct.objects.exclude(kind="create")
    assert not acts.exclude(submission="", rater=None, words="", kept={}).exists()
    assert acts.get(kind="bonus").amount == 50 and desk.row().waiting == []


def test_another_s_session_pays_nobody(platform: Control) -> None:
    """A participant who comes with somebody else's session in the address."""
    desk = Desk(platform).published()
    rater = desk.person("honest")
    assert rater
    rater.recruit.participant = "thief"
    rater.recruit.save()
    desk.finish(rater)
    assert [one["came"] for one in desk.turn().waiting] == ["unknown"]
    assert platform.ledger() == []


def test_a_bonus_is_paid_once_also_where_its_answer_is_lost(platform: Control) -> None:
    desk = Desk(platform).published()
    rater = desk.person("a")
    assert rater
    desk.finish(rater)
    desk.turn()
    platform.fault("POST", "/pay/", "cut")
    orders.give_bonus(desk.row(), rater, 50, "For a good remark.", "olga", NOW)
    desk.turn(3)
    bonuses = [line for line in platform.ledger() if line["what"] == "bonus"]
    assert [line["amount"] for line in bonuses] == [50]
    act = RecruiterAct.objects.get(kind="bonus")
    assert (act.state, act.cost) == ("done", 70)
    with pytest.raises(Refused):
        orders.give_bonus(desk.row(), rater, 50, "Once more.", "olga", NOW)


def test_a_bonus_that_does_not_show_is_left_to_a_person(platform: Control) -> None:
    desk = Desk(platform).published()
    rater = desk.person("a")
    assert rater
    platform.fault("POST", "/pay/", "503")
    orders.give_bonus(desk.row(), rater, 50, "For a good remark.", "olga", NOW)
    desk.turn(3)
    assert RecruiterAct.objects.get(kind="bonus").state == "sent"
    desk.clock.on(hours=1)
    desk.turn()
    act = RecruiterAct.objects.get(kind="bonus")
    assert (act.state, act.problem) == ("unclear", UNCLEAR)
    assert platform.ledger() == []
    orders.settle_bonus(act, was_paid=False, by="olga", now=NOW)
    desk.turn()
    assert len(platform.ledger()) == 1


def test_a_bonus_beyond_the_limit_is_refused(platform: Control) -> None:
    desk = Desk(platform, money_limit=4 * PRICE + 60).published()
    rater = desk.person("a")
    assert rater
    orders.give_bonus(desk.row(), rater, 50, "For a good remark.", "olga", NOW)
    desk.turn()
    act = RecruiterAct.objects.get(kind="bonus")
    assert act.state == "refused" and "money limit" in act.problem and platform.ledger() == []


def test_want_of_money_at_the_platform_pauses_it_and_says_so(platform: Control) -> None:
    desk = Desk(platform).published()
    platform.ask("balance", balance=5 * PRICE)
    for name in "abc":
        rater = desk.person(name)
        assert rater
        desk.finish(rater)
    row = desk.turn(2)
    assert row.state == State.PAUSED and "balance" in row.reason
    platform.ask("balance", balance=10_000)
    orders.go_on(row, "olga", NOW)
    assert desk.turn(3).places > 4


def test_a_paused_study_holds_the_platform_too_and_stopping_is_for_good(platform: Control) -> None:
    desk = Desk(platform).published()
    Study.objects.filter(pk=desk.study.pk).update(paused_at=NOW)
    desk.turn()
    assert platform.study()["status"] == "PAUSED"
    Study.objects.filter(pk=desk.study.pk).update(paused_at=None)
    desk.turn()
    assert platform.study()["status"] == "ACTIVE"
    orders.stop(desk.row(), "olga", NOW)
    assert desk.turn().state == State.ENDED
    assert platform.study()["stopped"]
    calls = len(platform.ask("state")["calls"])
    desk.turn(2)
    assert len(platform.ask("state")["calls"]) == calls
    with pytest.raises(Refused):
        orders.go_on(desk.row(), "olga", NOW)


def test_nobody_is_sent_to_a_pilot_that_is_full_nor_places_bought_for_it(
    platform: Control,
) -> None:
    study = recruited_study()
    Study.objects.filter(pk=study.pk).update(pilot={"raters": 3}, stage=Stage.PILOT)
    desk = Desk(platform, Study.objects.get(pk=study.pk)).published()
    for name in "abc":
        rater = desk.person(name)
        assert rater
        desk.finish(rater)
    row = desk.turn(2)
    assert (row.state, row.places) == (State.RUNNING, 3) and "The pilot has" in row.reason
    assert desk.person("d") is None
    go_over(desk.study, "olga", NOW)
    row = desk.turn(2)
    assert (row.state, row.reason) == (State.RUNNING, "") and row.places > 3
    assert platform.study()["status"] == "ACTIVE"


def test_nobody_is_sent_while_all_raters_are_there_and_again_when_one_has_left(
    platform: Control,
) -> None:
    study = recruited_study()
    recruiting = replace(PROTOCOL.recruiting, most_raters=2)
    full = replace(PROTOCOL, recruiting=recruiting)
    Study.objects.filter(pk=study.pk).update(protocol_json=full.as_json())
    desk = Desk(platform, Study.objects.get(pk=study.pk)).published()
    first, second = desk.person("a"), desk.person("b")
    assert first and second
    desk.turn()
    assert platform.study()["status"] == "PAUSED" and "no more raters" in desk.row().reason
    Rater.objects.filter(pk=second.pk).update(screened_out_at=NOW)
    desk.turn()
    assert platform.study()["status"] == "ACTIVE" and desk.row().reason == ""


def test_what_is_refused_and_who_waits_calls_for_a_person(platform: Control) -> None:
    desk = Desk(platform, money_limit=4 * PRICE + 60).published()
    done, left = desk.person("a"), desk.person("b")
    assert done and left
    orders.give_bonus(desk.row(), done, 50, "For a good remark.", "olga", NOW)
    platform.come(left.recruit.platform_session)
    desk.turn(2)
    words = [event.facts["words"] for event in Event.objects.filter(kind=Event.Kind.NEEDED)]
    assert words == [
        f"{desk.study.name}: What was ordered is not done: pay a bonus. The page says why."
    ]
    assert len(desk.row().waiting) == 1  # of them an alarm tells
    assert left.recruit.platform_session not in "".join(words)


def test_more_than_a_page_of_people_is_seen(platform: Control) -> None:
    desk = Desk(platform, step=130, money_limit=200 * PRICE).published()
    for number in range(120):
        came = platform.arrive(f"p{number}")
        assert came
        platform.come(came["submission"])
    assert len(desk.turn().waiting) == 120


def test_without_a_token_nothing_is_drafted(platform: Control, settings: object) -> None:
    settings.PROLIFIC_TOKEN = ""  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="RATINGS_PROLIFIC_TOKEN"):
        orders.make_draft(recruited_study(), "prolific", "https://site.test", "olga", NOW)
