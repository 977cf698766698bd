"""The environments that phases name, and whether this machine or any worker has them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from ratings.challenge.keys.decoder_environments import EnvironmentTable, environments_of
from ratings.challenge.models import Phase
from ratings.sandbox.environments.recipes import USUAL, contents
from ratings.sandbox.machine_sandboxes import MachineSandboxes
from ratings.sandbox.sources import how_to_have, image_of, is_image
from ratings.submissions.models import Run
from ratings.submissions.runs import workers


class Need(NamedTuple):
    """What a worker must have for a run: an environment by its source, and perhaps a GPU."""

    source: str
    gpu: bool


ANYWHERE = Need(USUAL, gpu=False)
NO_GPU = "This site has no GPU worker."


def machine_sandboxes() -> MachineSandboxes:
    """Return the sandboxes of this machine, none of which is open yet."""
    return MachineSandboxes(settings.SANDBOX_DIR, settings.SANDBOX_IMAGE, settings.SANDBOX_DEVICES)


def named_images() -> list[str]:
    """Return the images that phases name, in their order."""
    named = Phase.objects.exclude(environments=[]).values_list("environments", flat=True)
    sources = (one.source for tables in named for one in environments_of(tables))
    return [source for source in dict.fromkeys(sources) if is_image(source)]


def lacking(needs: Collection[Need], at: datetime) -> set[Need]:
    """Return the needs that no worker on duty meets."""
    if not needs:
        return set()
    there = list(workers.on_duty(at).values_list("sources", "gpu"))
    return {need for need in needs if not any(_meets(*one, need) for one in there)}


def contents_of(source: str) -> dict[str, str]:
    """Return what an environment holds, versions by name; nothing is known of images."""
    return {} if image_of(source, settings.SANDBOX_IMAGE) else contents(source)


def absence(environment: EnvironmentTable, at: datetime) -> str:
    """Return why decoders would wait for an environment, in a sentence; "" where they wouldn't."""
    need = Need(environment.source, environment.gpu)
    if need == ANYWHERE or not lacking([need], at):
        return ""
    return NO_GPU if need.gpu else "None of the site's workers has it yet: decoders wait for one."


def unmet(at: datetime) -> list[str]:
    """Say to organizers which environments no worker has that phases or waiting runs name."""
    phases = Phase.objects.filter(closes_at__gt=at).exclude(environments=[])
    tables = phases.values_list("environments", flat=True)
    needs = {Need(one.source, one.gpu) for named in tables for one in environments_of(named)}
    waiting = Run.objects.filter(state=Run.State.WAITING)
    needs |= {Need(*row) for row in waiting.values_list("source", "gpu").distinct()}
    return sorted(map(_mend, lacking(needs - {ANYWHERE}, at)))


def why_it_waits(run: Run, at: datetime) -> tuple[str, str]:
    """Return why a run waits where no worker can carry it out: to its team, and to organizers.

    Both are empty where one can. The usual environment is any worker's, so nothing is said of it.
    """
    need = Need(run.source, run.gpu)
    if need == ANYWHERE or not lacking([need], at):
        return "", ""
    return _words(need, run.submission.environment), _mend(need)


def tell_who_waits(at: datetime) -> None:
    """Put on record that runs wait since no worker can carry them out, or that one can by now."""
    waiting = Run.objects.filter(state=Run.State.WAITING).exclude(source=USUAL, gpu=False)
    kinds = waiting.values_list("source", "gpu", "submission__environment").distinct()
    asked = {(Need(source, gpu), environment) for source, gpu, environment in kinds}
    nobody = lacking({need for need, _ in asked}, at)
    for need, environment in asked:
        alike = waiting.filter(**need._asdict(), submission__environment=environment)
        said = _words(need, environment)
        if need in nobody:
            alike.exclude(verdict=said).update(verdict=said, fault=_mend(need))
        else:
            alike.filter(verdict=said).update(verdict="", fault="")


def _words(need: Need, environment: str) -> str:
    if need.gpu:
        return f"It waits for a worker with a GPU. {NO_GPU}"
    return (
        f"It waits for a worker with the environment {environment!r}; none of the site's workers "
        "has it."
    )


def _mend(need: Need) -> str:
    how = how_to_have(need.source)
    if need.gpu:
        return (
            f"No worker with a GPU has {need.source}. On the machine of one, which starts with "
            f"RATINGS_SANDBOX_DEVICES: {how}."
        )
    return f"No worker has {need.source}. On a worker's machine: {how}."


def _meets(sources: Sequence[str], gpu: bool, need: Need) -> bool:
    return need.source in sources and (gpu or not need.gpu)
