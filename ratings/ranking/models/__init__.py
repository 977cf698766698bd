"""The room's models."""

from ratings.ranking.models.awards import Award, PanelVote
from ratings.ranking.models.handed_out import Bundle, PublicRelease
from ratings.ranking.models.kept_reports import KeptReport, ReportedRater
from ratings.ranking.models.rankings import (
    ORDER,
    SEEN,
    FrozenRanking,
    Ranking,
    Score,
    is_simulated,
    latest_ranking,
)

__all__ = [
    "ORDER",
    "SEEN",
    "Award",
    "Bundle",
    "FrozenRanking",
    "KeptReport",
    "PanelVote",
    "PublicRelease",
    "Ranking",
    "ReportedRater",
    "Score",
    "is_simulated",
    "latest_ranking",
]
