"""A definition file with its pictures, and everything that stands against loading it."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ratings.challenge.definitions.definition import Definition, PhaseDefinition, read_with_problems
from ratings.challenge.keys.decoder_environments import DEFAULT, environments_of
from ratings.challenge.keys.scene_keys import scene_problems
from ratings.challenge.models import Challenge, Dataset, Phase, Series
from ratings.challenge.names import slug_problems
from ratings.challenge.pictures.dataset_pictures import (
    Pictures,
    byte_budget,
    current_pictures,
    fixed_pictures,
    lock_phases,
    repeated_names,
)
from ratings.challenge.pictures.originals import Picture, read_folder
from ratings.challenge.refusals import Refused


@dataclass(frozen=True)
class Proposal:
    """A definition file with its pictures, and every problem that shows without the database.

    `pictures` are those of the data sets that name a folder; `code` is of the first problem.
    """

    definition: Definition
    sha256: str
    pictures: Pictures
    problems: list[str]
    code: str

    def planned(self, current: Pictures) -> dict[str, Sequence[Picture]]:
        """Return the pictures of each data set once it is loaded; without a folder, its own."""
        slugs = [dataset.slug for dataset in self.definition.datasets]
        return {slug: self.pictures.get(slug, current.get(slug, [])) for slug in slugs}


def read_proposal(text: str, originals_root: Path | None) -> Proposal:
    """Read a definition file and all its pictures; the pictures are stored, no row changes.

    Without a root no folder is read: each data set keeps the pictures that it has.
    Raises Refused, code "definition", where the text is not TOML.
    """
    definition, problems = read_with_problems(text)
    pictures, more = _read_originals(definition, originals_root) if originals_root else ({}, [])
    code = "definition" if problems else "originals"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Proposal(definition, sha256, pictures, [*problems, *more], code)


def loading_problems(proposal: Proposal) -> tuple[list[str], str]:
    """Return everything that stands against loading it now, and the code of the first of it.

    To be called in the transaction that loads it: no submission begins in a phase, while its
    pictures may change.
    """
    definition = proposal.definition
    existing = lock_phases(definition.slug)
    current = current_pictures(definition.slug)
    planned = proposal.planned(current)
    gaps = [
        f"[[phase]] {phase.slug}: {line}"
        for phase in definition.phases
        for line in [*repeated_names(phase.datasets, planned), *_too_small(phase, planned)]
    ]
    torn = [
        f"[[dataset]] {dataset.slug}: {line}"
        for dataset in definition.datasets
        for line in scene_problems((p.name for p in planned[dataset.slug]), dataset.scenes)
    ]
    wrong = [*_twins(definition), *gaps, *torn]
    in_use = _in_use(definition, existing, current, planned)
    problems = [*proposal.problems, *wrong, *in_use]
    return problems, proposal.code if proposal.problems else "definition" if wrong else "in-use"


def _twins(definition: Definition) -> list[str]:
    """Return which new slugs differ from another one only in case: people take them for one."""
    challenges = Challenge.objects.filter(slug__iexact=definition.slug)
    known = list(challenges.values_list("slug", flat=True))
    lines = slug_problems([definition.slug], known).values()
    problems = [f"The challenge: slug: {line}" for line in lines]
    kinds: dict[str, tuple[type[Dataset | Phase | Series], list[str]]] = {
        "dataset": (Dataset, [one.slug for one in definition.datasets]),
        "phase": (Phase, [one.slug for one in definition.phases]),
        "series": (Series, [one.slug for one in definition.series]),
    }
    for name, (model, slugs) in kinds.items():
        # What goes with this definition is nobody's twin.
        rows = model.objects.filter(challenge__slug=definition.slug, slug__in=slugs)
        there = set(rows.values_list("slug", flat=True))
        found = slug_problems(slugs, there)
        problems += [f"[[{name}]] {slug}: slug: {line}" for slug, line in found.items()]
    return problems


def _read_originals(
    definition: Definition, root: Path
) -> tuple[dict[str, list[Picture]], list[str]]:
    pictures, problems = {}, []
    for dataset in definition.datasets:
        if dataset.originals:
            try:
                pictures[dataset.slug] = read_folder(root / dataset.originals)
            except Refused as refused:
                problems += [f"[[dataset]] {dataset.slug}: {line}" for line in refused.problems]
    return pictures, problems


def _too_small(phase: PhaseDefinition, planned: Pictures) -> list[str]:
    """Return that a phase's budget has not a byte for each of its pictures, if it has not."""
    pictures = sum(len(planned.get(slug, [])) for slug in phase.datasets)
    key, budget = "byte_budget", phase.byte_budget
    if phase.max_bpp:
        key, budget = "max_bpp", byte_budget(phase.max_bpp, phase.datasets, planned)
    if budget is None or budget >= pictures:
        return []
    what = f"{budget} byte" if budget == 1 else f"{budget} bytes"
    return [f"{key}: {what} for {pictures} pictures is less than one each; raise it."]


def _in_use(
    definition: Definition, existing: Sequence[Phase], current: Pictures, planned: Pictures
) -> list[str]:
    wanted = {phase.slug: phase for phase in definition.phases}
    problems = []
    for row in existing:
        if row.slug not in wanted:
            problems += _dropped(row)
        else:
            problems += fixed_pictures(row, wanted[row.slug].datasets, current, planned)
            problems += _fixed_environments(row, wanted[row.slug])
    return problems


def _fixed_environments(row: Phase, wanted: PhaseDefinition) -> list[str]:
    """Return which environments must stay as they are, since submissions name them."""
    named = Counter(row.submissions.values_list("environment", flat=True))
    after = {one.slug: one for one in wanted.environments or (DEFAULT,)}
    problems = []
    for one in environments_of(row.environments):
        there, times = after.get(one.slug), named[one.slug]
        submissions = "1 submission names" if times == 1 else f"{times} submissions name"
        place = f"[[phase]] {row.slug}: environment: {one.slug}"
        if times and there is None:
            problems.append(f"{place}: {submissions} it; keep it in the file, with this slug.")
        elif times and there and (there.source, there.gpu) != (one.source, one.gpu):
            fixed = "leave `source` and `gpu` as they are, and name another environment beside it."
            problems.append(f"{place}: {submissions} it; {fixed}")
    return problems


def fixed_phases(challenge: Challenge) -> dict[str, str]:
    """Return why phases and their keys can't change any more, by their places in the file."""
    fixed = {}
    for phase in challenge.phases.all():
        place = f"[[phase]] {phase.slug}"
        if held := _held(phase):
            fixed[place] = fixed[f"{place}: slug"] = f"It has {', '.join(held)}."
        if submissions := phase.submissions.count():
            what = "1 submission" if submissions == 1 else f"{submissions} submissions"
            fixed[f"{place}: datasets"] = f"Its pictures are fixed by {what}."
    return fixed


def _held(row: Phase) -> list[str]:
    """Return what people did that hangs on a phase, in words with numbers."""
    held = []
    for relation in row._meta.related_objects:
        name = relation.get_accessor_name()
        if name and not relation.hidden and (number := getattr(row, name).count()):
            meta = relation.related_model._meta
            held.append(
                f"{number} {meta.verbose_name if number == 1 else meta.verbose_name_plural}"
            )
    return held


def _dropped(row: Phase) -> list[str]:
    """Return why a phase can't go, if anything that people did hangs on it."""
    held = _held(row)
    if not held:
        return []
    return [f"[[phase]] {row.slug}: it has {', '.join(held)}; keep it in the file, with this slug."]
