"""How many bytes submissions hold, by phase and team, and the most that they may."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, Sum

from ratings.challenge.models import Phase, Team
from ratings.challenge.refusals import Refused
from ratings.submissions.file_limits import LARGEST_DECODER_BYTES, largest_decoded
from ratings.submissions.models import Bitstream, DecodedImage, Decoder, Submission

KINDS = (Bitstream, DecodedImage, Decoder)
# So many whole submissions a team may hold in a phase, open ones and closed ones.
MOST_OPEN = 2
MOST_CLOSED = 20
FACTSHEET = "factsheet"
State = Submission.State


@dataclass(frozen=True)
class Held:
    """The bytes that a team holds in a phase; equal files are stored once, and counted each time.

    `open` are those of open submissions, `ended` of failed and superseded ones, whose files go in
    time, and `kept` of all others, with the factsheet.
    """

    team: Team
    open: int
    ended: int
    kept: int

    @property
    def size_bytes(self) -> int:
        """All of it."""
        return self.open + self.ended + self.kept


def most_open_bytes(phase: Phase) -> int:
    """Return how many bytes a team's open submissions to a phase may hold.

    That is twice as much as a whole one.
    """
    return MOST_OPEN * _whole_bytes(phase)


def most_closed_bytes(phase: Phase) -> int:
    """Return how many bytes a team's closed submissions to a phase without a quota may hold."""
    return MOST_CLOSED * _whole_bytes(phase)


def _whole_bytes(phase: Phase) -> int:
    """Return the bytes of a whole submission each of whose files is as large as it may be.

    Bitstreams without a budget count like the pictures.
    """
    sizes = phase.originals().values_list("width", "height")
    pictures = sum(largest_decoded(width, height) for width, height in sizes)
    bitstreams = pictures if phase.byte_budget is None else phase.byte_budget
    return pictures + bitstreams + LARGEST_DECODER_BYTES


def open_bytes(phase: Phase, team: Team) -> int:
    """Return how many bytes the team's open submissions to the phase hold."""
    return _bytes_of(Q(submission__state=State.OPEN), phase, team)


def _bytes_of(which: Q, phase: Phase, team: Team) -> int:
    own = which & Q(submission__phase=phase, submission__team=team)
    sums = (kind.objects.filter(own).aggregate(sum=Sum("size_bytes"))["sum"] for kind in KINDS)
    return sum(size or 0 for size in sums)


def require_room(submission: Submission, more_bytes: int) -> None:
    """Refuse that the team's open submissions grow beyond what they may hold; baselines may.

    Raises Refused, code "open-bytes".
    """
    if more_bytes <= 0 or submission.team.is_baseline:
        return
    phase, team = submission.phase, submission.team
    most = most_open_bytes(phase)
    over = open_bytes(phase, team) + more_bytes - most
    if over > 0:
        raise Refused(
            "open-bytes",
            f"With this the open submissions of {team} to {phase.name} would hold {most + over} "
            f"bytes, {over} more than the {most} that a team may hold open. Close one of them, or "
            "delete one (DELETE submissions/ID/).",
        )


def require_room_to_close(phase: Phase, team: Team) -> None:
    """Refuse yet another submission to a phase without a quota, whose closed ones hold too much.

    Raises Refused, code "closed-bytes".
    """
    most = most_closed_bytes(phase)
    held = _bytes_of(~Q(submission__state=State.OPEN), phase, team)
    if held >= most:
        raise Refused(
            "closed-bytes",
            f"The closed submissions of {team} to {phase.name} hold {held} bytes, and no more are "
            f"taken from {most} on. Ask an organizer: a quota (submissions_per_day or "
            "submissions_in_all) takes the place of this limit.",
        )


def held_by_teams(phase: Phase) -> list[Held]:
    """Return what each team holds in the phase, those with the most first."""
    sums: Counter[tuple[int, str]] = Counter()
    for kind in KINDS:
        rows = kind.objects.filter(submission__phase=phase).order_by()
        keys = rows.values_list("submission__team", "submission__state")
        for team, state, size in keys.annotate(sum=Sum("size_bytes")):
            sums[team, state] += size
    for team, size in phase.factsheets.values_list("team", "size_bytes"):
        sums[team, FACTSHEET] += size
    teams = Team.objects.filter(pk__in={team for team, _ in sums})
    return sorted((_held(team, sums) for team in teams), key=lambda held: -held.size_bytes)


def _held(team: Team, sums: Mapping[tuple[int, str], int]) -> Held:
    own = {state: size for (pk, state), size in sums.items() if pk == team.pk}
    ended = (State.FAILED, State.SUPERSEDED)
    return Held(
        team=team,
        open=own.get(State.OPEN, 0),
        ended=sum(own.get(state, 0) for state in ended),
        kept=sum(size for state, size in own.items() if state not in (State.OPEN, *ended)),
    )
