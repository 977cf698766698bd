"""The rules of buying, against a ledger kept apart: never beyond the money, always an end."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ratings.recruiters.platform_trouble import Status
from ratings.recruiters.recruiting_rules import (
    Came,
    Fate,
    PlaceTally,
    Terms,
    affordable,
    committed,
    fate,
    next_places,
)
from tests.builders import NOW

TERMS = st.builds(
    Terms,
    step=st.integers(1, 12),
    money_limit=st.integers(1, 4000),
    price=st.integers(1, 700),
    most_places=st.none() | st.integers(1, 30),
)
DEAR = st.builds(Terms, st.integers(1, 12), st.integers(1, 4000), st.integers(60, 700))
EVENTS = st.lists(st.tuples(st.sampled_from(["come", "finish", "leave", "reject"]), st.integers(0)))


class Crowd:
    """What a platform would have: people in places, and all that it would take for them."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.people: list[Status] = []

    def happen(self, event: str, draw: int) -> None:
        """Let one person come, finish, leave, or be rejected; nothing where nobody can."""
        held = [one for one in self.people if one not in (Status.RETURNED, Status.REJECTED)]
        if event == "come" and len(held) < self.places:
            self.people.append(Status.ACTIVE)
            return
        wanted = Status.AWAITING_REVIEW if event == "reject" else Status.ACTIVE
        after = {
            "finish": Status.AWAITING_REVIEW,
            "leave": Status.RETURNED,
            "reject": Status.REJECTED,
        }
        able = [number for number, one in enumerate(self.people) if one is wanted]
        if event in after and able:
            self.people[able[draw % len(able)]] = after[event]

    def standing(self) -> PlaceTally:
        counts = {status.value: self.people.count(status) for status in Status}
        return PlaceTally(self.places, counts)


@given(TERMS, EVENTS)
def test_no_order_of_events_costs_more_than_the_limit(
    terms: Terms, events: list[tuple[str, int]]
) -> None:
    crowd = Crowd(min(terms.step, affordable(terms)))
    for event, draw in events:
        crowd.happen(event, draw)
        before = crowd.standing()
        decision = next_places(terms, before, NOW)
        assert decision.places >= crowd.places  # platforms only let it rise
        assert decision.places == crowd.places or not decision.ends
        crowd.places = decision.places
        assert committed(terms.price, crowd.standing()) <= terms.money_limit
        assert crowd.places <= (terms.most_places or crowd.places)
        # No more is bought ahead than a step, whoever was rejected meanwhile.
        if decision.places > before.places:
            assert crowd.standing().pending <= terms.step
        paid = sum(one is Status.AWAITING_REVIEW for one in crowd.people)
        assert paid * terms.price <= terms.money_limit


@given(DEAR)
def test_a_crowd_that_always_finishes_spends_all_that_is_allowed_and_ends(terms: Terms) -> None:
    crowd = Crowd(min(terms.step, affordable(terms)))
    for _ in range(200):
        crowd.happen("come", 0)
        crowd.happen("finish", 0)
        decision = next_places(terms, crowd.standing(), NOW)
        crowd.places = decision.places
        if decision.ends:
            break
    assert decision.ends and len(crowd.people) == affordable(terms)


@given(TERMS, st.integers(0, 30), st.integers(0, 30))
def test_after_an_end_nothing_more_is_bought(terms: Terms, places: int, done: int) -> None:
    counts = {Status.APPROVED.value: min(places, done)}
    over = next_places(terms, PlaceTally(places, counts, over="Told apart."), NOW)
    assert (over.places, over.ends) == (places, "Told apart.")
    late = Terms(terms.step, terms.money_limit, terms.price, until=NOW - timedelta(seconds=1))
    assert next_places(late, PlaceTally(places, counts), NOW).ends.startswith("The date has come")


@given(TERMS, st.integers(0, 4000))
def test_what_is_affordable_is_the_most_that_fits(terms: Terms, bonuses: int) -> None:
    most = affordable(terms, bonuses)
    assert most == 0 or most * terms.price + bonuses <= terms.money_limit
    if terms.most_places is None:
        assert (most + 1) * terms.price + bonuses > terms.money_limit


def test_only_work_that_is_done_is_paid_unseen() -> None:
    paid = {came for came in Came if fate(came, approve=True) is Fate.APPROVE}
    assert paid == {Came.FINISHED, Came.ENDED}
    assert all(fate(came, approve=False) is Fate.LOOK for came in Came)
