"""The environment of a submission: which of its phase's it picked, for its decoder to run in."""

from ratings.challenge.keys.decoder_environments import EnvironmentTable, environments_of
from ratings.challenge.models import Phase, Team
from ratings.challenge.refusals import Refused
from ratings.submissions.models import Submission


def environment_of(submission: Submission) -> EnvironmentTable:
    """Return the environment that a submission picked."""
    return environment_named(submission.phase, submission.environment)


def environment_named(phase: Phase, slug: str) -> EnvironmentTable:
    """Return a phase's environment of this slug; its first where there is none."""
    environments = environments_of(phase.environments)
    return next((one for one in environments if one.slug == slug), environments[0])


def picked(phase: Phase, team: Team, slug: str = "") -> str:
    """Return the slug of the environment that is asked for, or the default where none is.

    That is where the team's registered decoder ran, else the phase's first. Raises Refused, code
    "environment", with those that the phase has.
    """
    known = [one.slug for one in environments_of(phase.environments)]
    if slug and slug not in known:
        raise Refused(
            "environment",
            f"{phase.name} has no environment {slug!r}; name one of: {', '.join(known)}.",
        )
    if not slug and phase.decoders_from_id and len(known) > 1:
        slug = _of_registered(phase, team)
    return slug if slug in known else known[0]


def _of_registered(phase: Phase, team: Team) -> str:
    """Return where the decoder ran that the team sent last to the phase that registers them."""
    earlier = Submission.objects.filter(
        phase=phase.decoders_from_id, team=team, submitted_at__isnull=False
    )
    newest = earlier.order_by("-submitted_at").first()
    return newest.environment if newest else ""


def has_choice(phase: Phase) -> bool:
    """Tell whether a phase has several environments, so that people are told which was picked."""
    return len(phase.environments) > 1
