"""Which methods have ranks and which share one scale, and why others don't."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ratings.psychometrics.arrays import BoolArray, FloatArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.model.win_graph import Group, islands, order

_MOST_NAMED = 8


@dataclass(frozen=True, eq=False)
class Placement:
    """Which methods can be ranked and placed on one scale (indices, ascending), and why not all.

    `groups` are the groups of `ranked` methods that are linked both ways, `placed` the one whose
    scale the ranking has, empty if none has two methods. `ahead`, shape (methods, methods), is
    `order.Order.ahead`.
    """

    ranked: Group
    placed: Group
    groups: tuple[Group, ...]
    ahead: BoolArray
    notes: tuple[str, ...]

    def unordered(self) -> list[int]:
        """Return the ranked methods outside of the scale whose order with some isn't known."""
        count = (self.ahead | self.ahead.T).sum(axis=1)
        return sorted(
            i
            for group in self.groups
            for i in group
            if group != self.placed and count[i] + len(group) < len(self.ranked)
        )


def placement(tally: Tally) -> Placement:
    """Choose the methods that are ranked, and those of them that share one scale.

    Ranked is the largest set of methods that judgments link at all. On one scale is, of these, the
    largest group that is linked both ways: from any method of the group one gets to any other by
    "was preferred at least once to" (or tied with), which is Ford's condition (1957) for finite
    scores. Of equally large ones the one with more judgments inside it is chosen; if that is equal
    too, or there are no two methods, none is.
    """
    wins = tally.wins()
    ordered = order(wins)
    ranked = _largest(wins, islands(wins, "weak"))
    members = set(ranked)
    groups = tuple(group for group in ordered.groups if group[0] in members)
    chosen = Placement(ranked, _largest(wins, groups), groups, ordered.ahead, ())
    return replace(chosen, notes=_notes(tally, wins, chosen))


def _largest(wins: FloatArray, groups: Sequence[Group]) -> Group:
    """Return the group of most methods, then of most judgments; nothing if that is no single one.

    A group of one method is none.
    """
    sizes = [(len(group), float(wins[np.ix_(group, group)].sum())) for group in groups]
    best = max(sizes, default=(0, 0.0))
    return groups[sizes.index(best)] if best[0] > 1 and sizes.count(best) == 1 else ()


def _notes(tally: Tally, wins: FloatArray, chosen: Placement) -> tuple[str, ...]:
    """Say in plain words which methods share no scale, or have no rank, and why."""
    names, notes = tally.methods, []
    linked = [group for group in islands(wins, "weak") if len(group) > 1]
    if len(linked) > 1:
        groups = " | ".join(_phrase(names, group) for group in linked)
        notes.append(f"No judgment links these groups of methods: {groups}.")
    if linked and not chosen.groups:
        notes.append(
            "No method can be ranked: there is no single largest group of methods that judgments "
            "link."
        )
    rest = [i for i in range(len(names)) if i not in chosen.placed]
    notes += _reasons(names, {i: _reason(i, wins, chosen) for i in rest})
    if unordered := chosen.unordered():
        notes.append(
            f"Against some methods the order of {_phrase(names, unordered)} is not known: a rank "
            "is 1 plus the number of methods that are known to be ahead."
        )
    if by_prior := [i for i in rest if wins[i].any() or wins[:, i].any()]:
        notes.append(
            f"The score of {_phrase(names, by_prior)} rests on a weak prior (one virtual tie with "
            "an average method): it shows a direction, not a distance."
        )
    return tuple(notes)


def _reasons(names: Sequence[str], reasons: Mapping[int, str]) -> list[str]:
    """Say each method's reason; one that very many share is said once."""
    shared: dict[str, list[int]] = {}
    for i, reason in reasons.items():
        shared.setdefault(reason, []).append(i)
    many = {reason: own for reason, own in shared.items() if len(own) > _MOST_NAMED}
    one_by_one = [f"{names[i]} {reason}" for i, reason in reasons.items() if reason not in many]
    return one_by_one + [
        f"Each of {len(own)} methods ({_phrase(names, own)}) {reason}"
        for reason, own in many.items()
    ]


def _reason(i: int, wins: FloatArray, chosen: Placement) -> str:
    """Say why one method isn't on the scale, or has no rank."""
    won, lost, placed = wins[i].sum(), wins[:, i].sum(), list(chosen.placed)
    if won + lost == 0:
        return "has no rank: it has no judgments yet."
    if i not in chosen.ranked:
        return "has no rank: no judgment links it with the ranked methods."
    if lost == 0:
        return "won every judgment: it is ahead, and how far can't be told."
    if won == 0:
        return "lost every judgment: it is behind, and how far can't be told."
    if chosen.ahead[i, placed].any():
        return "is ahead of the methods on the scale: no judgment says how far."
    if chosen.ahead[placed, i].any():
        return "is behind the methods on the scale: no judgment says how far."
    return "is linked with others in one direction only: how far they are apart can't be told."


def short_phrase(names: list[str]) -> str:
    """Return names as a phrase; long lists are cut."""
    few = _MOST_NAMED - 1
    shown = names if len(names) <= _MOST_NAMED else [*names[:few], f"{len(names) - few} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _phrase(names: Sequence[str], members: Sequence[int]) -> str:
    return short_phrase([names[i] for i in members])


def share_note(tally: Tally, chosen: Placement) -> tuple[str, ...]:
    """Say how many judgments the scores use, where it isn't all."""
    if not tally.judgments:
        return ("There are no judgments yet.",)
    kept = tally.keep(chosen.placed).judgments
    if kept in (0, tally.judgments):
        return ()
    return (
        f"The scores use {kept} of {tally.judgments} judgments: those among the "
        f"{len(chosen.placed)} of {len(tally.methods)} methods that are on one scale.",
    )
