# SPDX-License-Identifier: Apache-2.0
"""The same decoder again in another arithmetic world: does it make the same pictures there?"""

from collections.abc import Callable

from ratings.imaging.alike import told_once
from ratings.imaging.likeness import Outcome
from ratings.kit.checking.home_entry import HomeEntry
from ratings.kit.checking.home_outputs import HomeOutputs
from ratings.kit.submit import Refused
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.results.telling_elsewhere import ToldElsewhere, why_untold
from ratings.sandbox.sandbox_errors import FileRefused
from ratings.sandbox.worlds import ELSEWHERE, OTHERS, World

Run = Callable[[World], RunResult]


def try_elsewhere(run: Run, here: HomeOutputs, entry: HomeEntry) -> None:
    """Print what becomes of the pictures in the world that the server tries.

    Where any differs, each change of that world is tried alone, to say which of them matters.
    Raises Refused with how the decoder failed there, and each picture that is broken.
    """
    made = run(ELSEWHERE)
    told = _told(made, ELSEWHERE, here, entry)
    if isinstance(told, ToldElsewhere) and not told.is_equal:
        for world in (world for world in OTHERS if world != ELSEWHERE):
            print(_words(_told(run(world), world, here, entry)))
        for one in told.pictures:
            if one.outcome == Outcome.CLOSE:
                print(f"{one.picture}: samples differ by up to {one.levels} of 255.")
        if told.is_broken:
            broken = [one for one in told.pictures if one.outcome == Outcome.BROKEN]
            why = told_once((one.picture, one.why) for one in broken[1:])
            raise Refused(told.verdict, *([] if made.succeeded else [made.verdict]), *why)
    print(_words(told))


def _words(told: ToldElsewhere | str) -> str:
    return told if isinstance(told, str) else told.verdict


def _told(
    made: RunResult, world: World, here: HomeOutputs, entry: HomeEntry
) -> ToldElsewhere | str:
    """Return what became of the pictures of a run in a world, or why that can't be told."""
    if untold := why_untold(made, world, made.environment):
        return untold
    told, there = ToldElsewhere(world.words), HomeOutputs(made, entry.originals)
    for name, original in entry.originals.items():
        try:
            elsewhere = there.read(name)
        except FileRefused as refused:
            told.lose(name, refused.problems[0])
            continue
        if there.sha256(name) == here.sha256(name):
            told.same(name)
        else:
            told.compare(name, here.read(name), elsewhere, original.read)
    return told
