"""Erasing what leads to a team, with all that was made of it."""

from datetime import datetime

from django.db import transaction

from ratings.challenge.models import Team
from ratings.challenge.teams.team_accounts import erase_team
from ratings.comparisons.models import Study
from ratings.jobs.metric_tasks import queue_metrics
from ratings.metrics.metric_board import rename_team
from ratings.metrics.metric_entries import forget_senders
from ratings.metrics.models import MetricTrack
from ratings.ranking.frozen.frozen_rankings import redact
from ratings.ranking.release.public_releases import note_erased
from ratings.submissions.intake.factsheets import erase_factsheets
from ratings.submissions.submission_audit import erase_signatures


def erase_wholly(team: Team, by: str, at: datetime) -> None:
    """Erase a team's name and people from all that the site holds; its scores stay.

    Public releases that have its name stay until an organizer withdraws them; the desk says so.
    """
    was = team.name
    with transaction.atomic():
        erase_team(team, by, at)
        erase_factsheets(team, at)
        erase_signatures(team)
        forget_senders(team)
        redact(team.challenge, was, team.name, at)
        for study in Study.objects.filter(phase__submissions__team=team).distinct():
            note_erased(study, at)
        for track in MetricTrack.objects.filter(entries__team=team).distinct():
            rename_team(track, was, team.name)
            queue_metrics(track)
