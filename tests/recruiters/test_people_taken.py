"""Nobody is bought for a study that would turn them away: a full pilot, limits, quotas."""

from dataclasses import replace

import pytest

from ratings.comparisons.ending_rules import RaterQuota
from ratings.comparisons.models import Recruitment, Stage, Study
from ratings.comparisons.protocol import Recruiting
from ratings.comparisons.study.stages import go_over
from ratings.recruiters.people_taken import LIMITS_ARE_REACHED, PILOT_IS_FULL
from tests.builders import NOW
from tests.comparisons.builders import build_study
from tests.recruiters.platform_control import Control
from tests.recruiters.recruited import PROLIFIC, PROTOCOL, TABLE, Desk, recruited_study

pytestmark = pytest.mark.django_db(transaction=True)
State = Recruitment.State


def test_no_place_is_bought_for_people_beyond_a_pilot(platform: Control) -> None:
    study = recruited_study()
    Study.objects.filter(pk=study.pk).update(pilot={"raters": 2}, stage=Stage.PILOT)
    study.refresh_from_db()
    desk = Desk(platform, study).published()
    assert desk.row().places == 2  # of a step of 4
    raters = [desk.person(name) for name in ("a", "b")]
    assert all(raters) and desk.person("c") is None
    row = desk.turn(2)
    assert row.state == State.RUNNING and row.reason == PILOT_IS_FULL
    assert platform.study()["status"] == "PAUSED"
    for rater in filter(None, raters):
        desk.finish(rater)
    row = desk.turn(2)
    assert (row.places, len(platform.ledger())) == (2, 2)
    go_over(study, "olga", NOW)
    row = desk.turn(2)
    assert (row.state, row.reason, row.places) == (State.RUNNING, "", 6)
    assert desk.person("c") and platform.study()["status"] == "ACTIVE"


LIMITS = [
    Recruiting(open=False, platforms=(PROLIFIC,), most_raters=3),
    Recruiting(open=False, platforms=(replace(PROLIFIC, most_raters=3),)),
    Recruiting(open=False, platforms=(PROLIFIC,), quotas=(RaterQuota("platform", "prolific", 3),)),
]


@pytest.mark.parametrize("recruiting", LIMITS)
def test_no_place_is_bought_for_people_whom_limits_turn_away(
    platform: Control, recruiting: Recruiting
) -> None:
    protocol = replace(PROTOCOL, recruiting=recruiting)
    study = build_study(protocol=protocol, recruiters=[replace(TABLE, step=2).as_json()])
    desk, came = Desk(platform, study).published(), 0
    while (rater := desk.person(f"p{came}")) and came < 9:
        came += 1
        desk.finish(rater)
        desk.turn()
    row = desk.turn(2)
    assert (came, row.places, row.reason) == (3, 3, LIMITS_ARE_REACHED)
    wider = replace(PROTOCOL, recruiting=replace(PROTOCOL.recruiting, most_raters=4))
    study.protocol_json = wider.as_json()
    study.save()
    row = desk.turn(2)
    assert (row.places, row.reason) == (4, "") and desk.person("q")
