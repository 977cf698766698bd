"""What needs an organizer's attention: a pure function of the facts and the instant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ratings.web.parts.words.formatting import count, span

SLOW = timedelta(minutes=10)
SOON = timedelta(hours=48)


@dataclass(frozen=True)
class PhaseFacts:
    """One phase: its dates and the state of its submissions."""

    name: str
    opens_at: datetime
    closes_at: datetime
    boards_open_at: datetime | None
    failed: int
    oldest_queued_at: datetime | None
    waits_because: str = ""  # why its decoders can't run now
    url: str = ""
    challenge: int = 0


@dataclass(frozen=True)
class Unfilled:
    """A platform's link with unfilled placeholders: what stands there, how often it came."""

    platform: str
    value: str
    times: int

    @property
    def words(self) -> str:
        """Return what is wrong, and the mend."""
        return (
            f"{count(self.times, 'visit')} by a link of {self.platform} that names nobody: it says "
            f"“{self.value}” where the participant belongs, so nobody can begin. Mend the study's "
            "address at the platform, so that it fills in each participant's identifier."
        )


@dataclass(frozen=True)
class StudyFacts:
    """One study: who takes part, and what came of it."""

    name: str
    is_open: bool
    entries: int
    pairs_never_issued: int
    judgments: int
    simulated_raters: int
    is_ranked: bool
    boards_open_at: datetime | None
    unfilled: tuple[Unfilled, ...] = ()
    paused_crops: int = 0
    voices_url: str = ""
    url: str = ""
    challenge: int = 0


@dataclass(frozen=True)
class Matter:
    """One line of the list; `urgent` ones are wrong, the others are good to know.

    `challenge` is the key of the one it is about.
    """

    urgent: bool
    text: str
    url: str = ""
    challenge: int = 0


def matters(
    phases: Sequence[PhaseFacts], studies: Sequence[StudyFacts], now: datetime
) -> list[Matter]:
    """Return what needs attention, urgent matters first."""
    alerts = [
        *(replace(matter, challenge=p.challenge) for p in phases for matter in _of_phase(p, now)),
        *(replace(matter, challenge=s.challenge) for s in studies for matter in _of_study(s, now)),
    ]
    return sorted(alerts, key=lambda matter: not matter.urgent)


def _of_phase(phase: PhaseFacts, now: datetime) -> Iterator[Matter]:
    queued = phase.oldest_queued_at
    if phase.waits_because:
        yield Matter(True, f"{phase.name}: decoders wait. {phase.waits_because}", phase.url)
    elif queued and now - queued > SLOW:
        yield Matter(
            True,
            f"{phase.name}: a submission has waited {span(now - queued)} to be scored."
            " Is a worker running?",
            phase.url,
        )
    if phase.failed:
        failed = count(phase.failed, "submission")
        yield Matter(True, f"{phase.name}: {failed} failed.", phase.url)
    for verb, at in (("opens", phase.opens_at), ("closes", phase.closes_at)):
        if now <= at < now + SOON:
            yield Matter(False, f"{phase.name} {verb} in {span(at - now)}.", phase.url)
    if phase.closes_at <= now and phase.boards_open_at is None:
        text = f"{phase.name} is over and has no date for its boards to open."
        yield Matter(False, text, phase.url)


def _of_study(study: StudyFacts, now: datetime) -> Iterator[Matter]:
    for link in study.unfilled:
        yield Matter(True, f"{study.name}: {link.words}", study.url)
    if study.paused_crops:
        crops, verb = count(study.paused_crops, "crop"), "is" if study.paused_crops == 1 else "are"
        words = f"{study.name}: {crops} {verb} paused. See what raters said is wrong, and decide."
        yield Matter(True, words, study.voices_url)
    public = study.boards_open_at is not None and study.boards_open_at <= now
    if study.is_open and study.entries < 2:
        here = count(study.entries, "entry", "entries")
        yield Matter(True, f"{study.name} is open with {here}: there is nothing to compare yet.")
    if study.judgments and not study.is_ranked:
        yield Matter(True, f"{study.name} has judgments and no ranking yet. Is a worker running?")
    if study.simulated_raters and public:
        made = count(study.simulated_raters, "simulated rater")
        yield Matter(True, f"{study.name}: {made} on a public board, which says so.")
    if study.judgments and study.pairs_never_issued:
        pairs = count(study.pairs_never_issued, "pair")
        yield Matter(False, f"{study.name}: {pairs} not shown to anyone yet.")
