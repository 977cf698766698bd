"""Limits: counted exactly, by all who act at once, and without keeping who acts."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import repeat

import numpy as np
import pytest
from django.db import connection
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from ratings.challenge.access.limit_table import TABLE, ActLimit, Per, markdown_rows, site_limits
from ratings.challenge.access.limits import HeldSlot, LimitedAct, one_of, sweep_spent
from ratings.challenge.models import SpentLimit
from ratings.challenge.refusals import Refused
from ratings.environment import WrongEnvironment, read_environment
from tests.builders import NOW
from tests.comparisons.threads import in_threads
from tests.management.sites import ROOT

HERE, THERE = "192.0.2.1", "2001:db8::1"
ACT = LimitedAct(("tried",))


def limited(settings: Settings, most: int, seconds: int, per: Per = Per.BOTH) -> ActLimit:
    limit = ActLimit("tried", most, seconds, per, "whom", "why")
    settings.LIMITS = {"tried": limit}
    return limit


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Bucket:
    """The oracle: a bucket that leaks evenly, as textbooks have it, in exact numbers."""

    def __init__(self, most: int, seconds: int) -> None:
        self.most, self.rate = most, Fraction(most, seconds)
        self.level, self.at = Fraction(0), 0

    def takes(self, at: int) -> bool:
        self.level = max(Fraction(0), self.level - self.rate * (at - self.at))
        self.at = at
        if self.level + 1 > self.most:
            return False
        self.level += 1
        return True


@pytest.mark.django_db
@pytest.mark.parametrize(("most", "seconds"), [(1, 10), (5, 100), (10, 60)])
def test_it_counts_as_a_leaky_bucket(settings: Settings, most: int, seconds: int) -> None:
    limited(settings, most, seconds)
    bucket, generator, at, outcomes = Bucket(most, seconds), np.random.default_rng(most), 0, []
    for _ in range(80):
        at += int(generator.integers(0, 3 * seconds // (2 * most)))
        free = ACT.locked_until("x", HERE, later(at))
        took = ACT.record("x", HERE, later(at))
        assert took == bucket.takes(at) == (free is None)
        if free:
            assert not ACT.record("x", HERE, free - timedelta(milliseconds=1))
        outcomes.append(took)
    assert 10 < sum(outcomes) < 75


@pytest.mark.django_db
def test_who_is_refused_may_act_at_the_time_that_is_said(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    limited(settings, 3, 90)
    with django_assert_num_queries(3):
        for _ in range(3):
            ACT.count("x", HERE, NOW)
    with pytest.raises(Refused, match=r"Too often\. Try again in 30 s\.") as refused:
        ACT.count("x", HERE, NOW)
    assert (refused.value.code, refused.value.retry_at) == ("too-often", later(30))
    ACT.count("x", HERE, later(30))
    with pytest.raises(Refused):
        ACT.count("x", HERE, later(31))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("per", "free"),
    [
        (Per.BOTH, {("y", HERE), ("x", THERE)}),
        (Per.SUBJECT, {("y", HERE)}),
        (Per.ADDRESS, {("x", THERE)}),
    ],
)
def test_each_is_counted_apart(settings: Settings, per: Per, free: set[tuple[str, str]]) -> None:
    limited(settings, 1, 60, per)
    ACT.count("x", HERE, NOW)
    for other in (("y", HERE), ("x", THERE), ("x", HERE)):
        assert (ACT.locked_until(*other, NOW) is None) == (other in free)
    kept = str(SpentLimit.objects.values_list())
    assert HERE not in kept and "x" not in {row.key for row in SpentLimit.objects.all()}


@pytest.mark.django_db
def test_nobody_uses_up_alone_what_all_addresses_have_together(settings: Settings) -> None:
    together = ActLimit("together", 10, 900, Per.SUBJECT, "whom", "why")
    settings.LIMITS = {"tried": limited(settings, 3, 900), "together": together}
    act = LimitedAct(("tried", "together"))
    for number in range(20):
        with nullcontext() if number < 3 else pytest.raises(Refused, match="Too often"):
            act.count("x", HERE, NOW)
    act.count("x", THERE, NOW)
    # Each limit knows how many passwords were wrong, also while another one refuses.
    for _ in range(20):
        act.record("x", HERE, NOW)
    assert act.locked_until("x", THERE, NOW)


@pytest.mark.django_db
def test_a_household_has_more_than_one_of_the_newer_addresses(settings: Settings) -> None:
    limited(settings, 1, 60)
    ACT.count("x", THERE, NOW)
    assert ACT.locked_until("x", "2001:db8::ffff:ffff:ffff:ffff", NOW)
    assert not ACT.locked_until("x", "2001:db8:0:1::1", NOW)
    assert not ACT.locked_until("x", "fe80::1%eth0", NOW)
    ACT.count("x", "::ffff:192.0.2.1", NOW)
    assert ACT.locked_until("x", "192.0.2.1", NOW)
    assert not ACT.locked_until("x", "::ffff:192.0.2.2", NOW)


@pytest.mark.django_db(transaction=True)
def test_no_more_get_through_at_once(settings: Settings) -> None:
    limited(settings, 7, 3600)
    took: list[bool] = []
    in_threads(*repeat(lambda: took.append(ACT.record("x", HERE, NOW)), 20))
    assert sorted(took) == [False] * 13 + [True] * 7


@pytest.mark.django_db(transaction=True)
def test_no_more_are_under_way_at_once(settings: Settings) -> None:
    limited(settings, 3, 60)
    held: list[str] = []
    held_on: list[AbstractContextManager[HeldSlot]] = []  # else they end with the thread

    def hold() -> None:
        try:
            held_on.append(one_of("tried", "x", NOW))
            held_on[-1].__enter__()
            held.append("held")
        except Refused as refused:
            held.append(refused.code)

    in_threads(*repeat(hold, 8))
    # Tries may cross, so that one of them finds the last slot taken by none: it sends again.
    assert held.count("held") <= 3 and {"held", "at-once"} == set(held)


@pytest.mark.django_db
def test_what_has_ended_or_is_not_heard_of_makes_room(settings: Settings) -> None:
    limited(settings, 2, 60)
    with one_of("tried", "x", NOW) as kept, one_of("tried", "x", NOW):
        with one_of("tried", "y", NOW), pytest.raises(Refused) as refused:
            one_of("tried", "x", later(1)).__enter__()
        assert (refused.value.code, refused.value.retry_at) == ("at-once", later(6))
        times = iter([later(40), later(50)])
        assert b"".join(kept.keep([b"a", b"b"], lambda: next(times))) == b"ab"
        # In place of the one that sent nothing more.
        with one_of("tried", "x", later(61)), pytest.raises(Refused):
            one_of("tried", "x", later(62)).__enter__()
    with one_of("tried", "x", later(70)), one_of("tried", "x", later(70)):
        pass


@pytest.mark.django_db
def test_what_is_worked_off_is_deleted(settings: Settings) -> None:
    limited(settings, 2, 60)
    ACT.count("x", HERE, NOW)
    ACT.count("y", HERE, later(40))
    sweep_spent(later(31))
    assert SpentLimit.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ratings_signinfailure")
        assert cursor.fetchone() == (0,)


def test_a_site_changes_what_it_names() -> None:
    site = read_environment({"RATINGS_LIMITS": "begin=2000/600, visit=5/1"})
    limits = site_limits(site.limits)
    assert (limits["begin"].most, limits["begin"].seconds) == (2000, 600)
    assert {name for name in limits if limits[name] not in TABLE} == {"begin", "visit"}
    for wrong in ("begin", "begin=0/60", "begin=5/0", "begin=5/60s", "begin=9999999/1", ","):
        with pytest.raises(WrongEnvironment, match="RATINGS_LIMITS names"):
            read_environment({"RATINGS_LIMITS": wrong})
    with pytest.raises(WrongEnvironment, match="RATINGS_LIMITS names beginning; the limits are: "):
        site_limits({"beginning": (1, 1)})


def test_the_docs_have_each_limit() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    assert "\n".join(markdown_rows(TABLE)) in page
