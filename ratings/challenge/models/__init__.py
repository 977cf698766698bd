"""The room's models, upstream first."""

from ratings.challenge.models.challenges import (
    Challenge,
    DefinitionVersion,
    CalendarEntry,
    Announcement,
)
from ratings.challenge.models.pictures import Dataset, Original, StagedFile
from ratings.challenge.models.phases import Phase, DeadlineMove, Series
from ratings.challenge.models.teams import Team, Member, AuditEntry
from ratings.challenge.models.accounts import Membership, AccountLink, AccessToken, SpentLimit
from ratings.challenge.models.alarms import Alarm

__all__ = [
    "AccessToken",
    "AccountLink",
    "Alarm",
    "Announcement",
    "AuditEntry",
    "CalendarEntry",
    "Challenge",
    "Dataset",
    "DeadlineMove",
    "DefinitionVersion",
    "Member",
    "Membership",
    "Original",
    "Phase",
    "Series",
    "SpentLimit",
    "StagedFile",
    "Team",
]
