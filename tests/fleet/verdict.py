"""What became of the crowd's answers: compared, rater by rater, with what the site exports."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.fleet.crowd import Rater
from tests.fleet.fleet import STUDY, Fleet


@dataclass(frozen=True)
class Verdict:
    """Numbers of answers and of raters; `counters` and `scores` are what commands say of them."""

    acknowledged: int
    lost: int
    doubled: int
    refused: int
    out_of_order: int
    counters: str
    scores: str

    @property
    def is_well(self) -> bool:
        """Tell whether all is as it was acknowledged."""
        faults = (self.lost, self.doubled, self.refused, self.out_of_order)
        return not any(faults) and self.counters == "All counters agree."


async def judge_all(fleet: Fleet, raters: list[Rater]) -> Verdict:
    """Count, fit and export the judgments, and compare them with what was acknowledged."""
    counters = await fleet.manage("rebuild_counts", STUDY)
    folder = fleet.folder / "export"
    told = await fleet.manage("export_study", STUDY, str(folder))
    stored = _stored(folder / "judgments.csv")
    times = Counter(stored)
    return Verdict(
        acknowledged=sum(len(rater.acknowledged) for rater in raters),
        lost=sum(trial not in times for rater in raters for trial in rater.acknowledged),
        doubled=sum(number > 1 for number in times.values()),
        refused=sum(len(rater.refused) for rater in raters),
        out_of_order=_out_of_order(stored, raters),
        counters=counters.strip(),
        scores=told.strip().splitlines()[-1],
    )


def _stored(file: Path) -> list[str]:
    """Return the trials of all judgments, in the order in which they were stored."""
    with file.open(newline="") as text:
        rows = [(int(row["judgment_id"]), row["trial_id"]) for row in csv.DictReader(text)]
    return [trial for _, trial in sorted(rows)]


def _out_of_order(stored: list[str], raters: list[Rater]) -> int:
    """Return how many raters' answers were stored in another order than they gave them."""
    place = {trial: number for number, trial in enumerate(stored)}
    kept = [[place[trial] for trial in r.acknowledged if trial in place] for r in raters]
    return sum(places != sorted(places) for places in kept)
