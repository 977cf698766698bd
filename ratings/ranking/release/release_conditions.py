"""What a public release needs: what organizers choose for it, and what stands against one.

The same conditions are asked when one is asked for and each time one is served.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ratings.anonymity.small_cells import LEAST_RATERS
from ratings.challenge.access.visibility import boards_frozen, boards_open, originals_open
from ratings.challenge.models import Phase
from ratings.comparisons.models import Stage, Study
from ratings.comparisons.participation import phases_of
from ratings.comparisons.raters.rater_groups import has_groups
from ratings.comparisons.study.presentation import identities_open
from ratings.ranking.release.anonymous_judgments import rater_cells
from ratings.ranking.release.known_people import named_labels
from ratings.ranking.release.released_pictures import why_left_out
from ratings.ranking.release.whole_pictures import against_room, whole_bytes


@dataclass(frozen=True)
class ReleaseContents:
    """What organizers choose: the data sets of whose pictures crops, or whole ones, are in it.

    `labels` are the methods whose names they say are public, though a person's stands in them.
    """

    pictures: Sequence[str] = ()
    whole_pictures: Sequence[str] = ()
    labels: Sequence[str] = ()


def hindrances(study: Study, at: datetime) -> list[str]:
    """Return what stands against a release of the study, each with the mend."""
    found = []
    if not all_boards_open(study, at):
        found.append("The boards are not open to everybody yet: open them first.")
    if study.is_open:
        found.append("The study is open: close it first, so that its data are whole.")
    elif all_boards_open(study, at) and (why := withheld_because(study, at)):
        found.append(why)
    if not study.phase.challenge.license:
        found.append("The definition states no licence of the results: set its key license.")
    if not study.raters.filter(stage=Stage.MAIN, trials__judgments__isnull=False).exists():
        found.append("Nobody has judged anything yet.")
    if has_groups(study):
        found += _against_groups(rater_cells(study).small_groups)
    return found


def _against_groups(small: Mapping[str, int]) -> Iterator[str]:
    """Yield what stands against groups of raters with so few that a release would point at them."""
    for group, people in small.items():
        where = f"the group {group!r}" if group else "no group, or alone in one"
        yield (
            f"{'1 rater is' if people == 1 else f'{people} raters are'} in {where}, fewer than "
            f"{LEAST_RATERS}: put them together with others, by the group of their links at the "
            "desk's page of invitations, or of their platform in the definition."
        )


def all_boards_open(study: Study, at: datetime) -> bool:
    """Tell whether everybody may see the boards of all phases that a study compares."""
    return all(boards_open(phase, at) for phase in phases_of(study))


def withheld_because(study: Study, at: datetime) -> str:
    """Say why the study's releases are not served now, and until when; "" where they are.

    A release tells how the boards stand, and which method made which picture.
    """
    return next(filter(None, (phase_withholds(phase, at) for phase in phases_of(study))), "")


def phase_withholds(phase: Phase, at: datetime) -> str:
    """Say why no release that tells of a phase is served now; "" where its are."""
    if boards_frozen(phase, at):
        return "The boards are frozen, and a release tells more: it waits until they are live."
    which = "a release tells which method made which picture"
    if not originals_open(phase, at):
        return f"The originals are not open to everybody, and {which}: it waits until they are."
    if not identities_open(phase, at):
        return f"A study of the phase is open, and {which}: it waits until all are closed."
    return ""


def choice_problems(choice: ReleaseContents, study: Study, at: datetime) -> list[str]:
    """Return what stands against the choice, each with the mend."""
    chosen = sorted({*choice.pictures, *choice.whole_pictures})
    problems = _against_pictures(study, chosen, at)
    if not problems and (room := room_problem(study, choice.whole_pictures)):
        problems.append(room)
    return problems + (_against_labels(named_labels(study), choice.labels) if choice.labels else [])


def _against_labels(named: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Return what stands against names that were confirmed; `named` are those that may be."""
    spelt = {one.casefold(): one for one in named}
    problems = []
    for label in sorted({*labels} - {*named}):
        # In other letters, or with what the label adds to the name, such as its rate.
        meant = [one for text, one in spelt.items() if label.casefold().startswith(text)]
        why = f"No method called {label!r} has a person's or an account's name in its own"
        problems.append(f"{why}: {f'write {max(meant, key=len)!r}' if meant else 'leave it out'}.")
    return problems


def room_problem(study: Study, datasets: Sequence[str]) -> str:
    """Say why the whole pictures of some data sets have no room on the disk; "" where they have."""
    if not datasets:
        return ""
    sizes = whole_bytes(study)
    return against_room(sum(sizes[slug] for slug in set(datasets)))


def _against_pictures(study: Study, chosen: Sequence[str], at: datetime) -> list[str]:
    datasets = {dataset.slug: dataset for dataset in study.phase.datasets.all()}
    unknown = [slug for slug in chosen if slug not in datasets]
    problems = [f"The phase has no data set {slug!r}." for slug in unknown]
    whys = {slug: why_left_out(datasets[slug], at) for slug in chosen if slug in datasets}
    return problems + [
        f"The pictures of {slug} can't be in it: {why}." for slug, why in whys.items() if why
    ]
