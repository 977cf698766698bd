"""The panel's sheet: all that a panel weighs about each entry, its votes, and what it decided."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from ratings.challenge.access.visibility import boards_live
from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.fidelity.psnr_board import excluded_from_boards, psnr_board
from ratings.ranking.boards.human_board import HumanRow, board_studies, human_board
from ratings.ranking.models import Award, PanelVote
from ratings.ranking.tables.columns import Column, columns, names, table
from ratings.ranking.tables.export import OPEN_END, RANKING_COLUMNS, psnr_rows, to_csv
from ratings.submissions.models import Submission
from ratings.submissions.rulings.eligibility import eligibilities, with_eligibility
from ratings.submissions.rulings.exclusion import Excluded

LONGEST_TITLE = 200
LONGEST_TEXT = 5000
_HUMAN = [
    Column("human_rank", int, lambda row: row.rank),
    *columns(HumanRow, "rank_low", "rank_high", "score", "ci_low", "ci_high", "win_rate"),
    *columns(HumanRow, "judgments"),
]
_OPEN_END = [column for column in RANKING_COLUMNS if column.name in OPEN_END]
PANEL_COLUMNS = [
    *("method", "team", "kind", "kind_reason", "psnr_rank", "psnr_db", "ms_ssim"),
    *names(_HUMAN),
    *("bytes", "bpp", "decode_seconds", "peak_memory_bytes", "decoder_bytes"),
    *("votes", "awards", "submission_id"),
    *names(_OPEN_END),
]


@dataclass(frozen=True)
class Sheet:
    """What lies before a panel: `rows` have PANEL_COLUMNS; `votes` and `awards` are all there are.

    `left` are the entries that are out of the competition.
    """

    rows: list[dict[str, Any]]
    votes: list[PanelVote]
    awards: list[Award]
    left: list[Excluded]


def sheet(phase: Phase, now: datetime) -> Sheet:
    """Return the sheet of the phase's entries, by human rank and then by PSNR."""
    votes = list(phase.panel_votes.select_related("submission__team"))
    awards = list(phase.awards.select_related("submission__team"))
    counted = Counter(vote.submission_id for vote in newest_votes(votes))
    titles: dict[UUID, list[str]] = {}
    for award in awards:
        if award.withdrawn_at is None:
            titles.setdefault(award.submission_id, []).append(award.title)
    psnr = with_eligibility(psnr_board(phase), eligibilities(phase, now))
    study = board_studies(phase).first()
    human = {row.submission_id: row for row in human_board(study).rows} if study else {}
    rows = [
        line
        | {"psnr_rank": line["rank"], "submission_id": str(row.submission_id)}
        | _human(human.get(row.submission_id))
        | {"votes": counted[row.submission_id]}
        | {"awards": ", ".join(titles.get(row.submission_id, []))}
        for row, line in zip(psnr, psnr_rows(psnr), strict=True)
    ]
    shown = [{name: row[name] for name in PANEL_COLUMNS} for row in rows]
    shown.sort(key=lambda row: (row["human_rank"] is None, row["human_rank"], row["psnr_rank"]))
    return Sheet(shown, votes, awards, excluded_from_boards(phase))


def newest_votes(votes: Sequence[PanelVote]) -> list[PanelVote]:
    """Return each member's newest vote, of votes in the order of time, if it still counts.

    A vote for what is out of the competition counts for nothing, and brings no earlier one back.
    """
    newest = {vote.member: vote for vote in votes}
    return [vote for vote in newest.values() if not vote.submission.exclusion]


def vote(phase: Phase, submission_id: str, member: str, remarks: str, at: datetime) -> PanelVote:
    """Keep a member's vote for the overall winner; it takes the place of an earlier one.

    Raises Refused, code "panel", for what is not on the boards or can't win.
    """
    submission = _winnable(phase, submission_id, at)
    return PanelVote.objects.create(
        phase=phase,
        submission=submission,
        member=member,
        remarks=remarks.strip()[:LONGEST_TEXT],
        at=at,
    )


def award(
    phase: Phase, submission_id: str, title: str, statement: str, by: str, at: datetime
) -> Award:
    """Keep a decision of the panel, with its reasons.

    Raises Refused, code "panel", for what can't win, or where title or reasons are missing.
    """
    submission = _winnable(phase, submission_id, at)
    title, statement = title.strip(), statement.strip()
    if not title or not statement:
        raise Refused("panel", "An award needs a title, and the panel's reasons for it.")
    return Award.objects.create(
        phase=phase,
        submission=submission,
        title=title[:LONGEST_TITLE],
        statement=statement[:LONGEST_TEXT],
        by=by,
        at=at,
    )


def withdraw_award(award_id: int, phase: Phase, by: str, at: datetime) -> None:
    """Take an award back; it stays on record, with who did so and when."""
    with transaction.atomic():
        standing = Award.objects.filter(pk=award_id, phase=phase, withdrawn_at=None)
        if not standing.update(withdrawn_by=by, withdrawn_at=at):
            raise Refused("panel", "There is no such award, or it was withdrawn before.")


def shown_awards(phases: Iterable[Phase], now: datetime) -> QuerySet[Award]:
    """Return the awards that everyone knows of: those that stand, of phases whose boards are live.

    An award of what is out of the competition stays on record, and is nobody's.
    """
    live = [phase for phase in phases if boards_live(phase, now)]
    standing = Award.objects.filter(phase__in=live, withdrawn_at=None, submission__exclusion="")
    return standing.select_related("phase__challenge", "submission__team")


def sheet_csv(shown: Sheet) -> str:
    """Return the sheet's rows as CSV."""
    return "".join(to_csv(PANEL_COLUMNS, shown.rows))


def sheet_document(shown: Sheet) -> dict[str, Any]:
    """Return the whole sheet for JSON: rows, and every vote and award that was ever made."""
    return {
        "results": shown.rows,
        "out": [excluded.as_json() for excluded in shown.left],
        "votes": vote_rows(shown.votes),
        "awards": [award_row(award) for award in shown.awards],
    }


def vote_rows(votes: Sequence[PanelVote]) -> list[dict[str, Any]]:
    """Return all votes of a phase, in the order of time, with which of them count."""
    counting = newest_votes(votes)
    return [
        {
            "member": vote.member,
            "submission_id": str(vote.submission_id),
            "method": vote.submission.method,
            "team": vote.submission.team.name,
            "remarks": vote.remarks,
            "at": vote.at,
            "counts": vote in counting,
        }
        for vote in votes
    ]


def award_row(award: Award) -> dict[str, Any]:
    """Return what is on record of an award."""
    return {
        "id": award.pk,
        "title": award.title,
        "submission_id": str(award.submission_id),
        "method": award.submission.method,
        "team": award.submission.team.name,
        "statement": award.statement,
        "by": award.by,
        "at": award.at,
        "withdrawn_by": award.withdrawn_by,
        "withdrawn_at": award.withdrawn_at,
    }


def _human(row: HumanRow | None) -> dict[str, Any]:
    shown = [*_HUMAN, *_OPEN_END]
    return table(shown, [row])[0] if row else dict.fromkeys(names(shown))


def _winnable(phase: Phase, submission_id: str, now: datetime) -> Submission:
    """Return a submission that is on the boards and may win. Raises Refused, code "panel"."""
    on_boards = {str(row.submission_id): row for row in psnr_board(phase)}
    if submission_id not in on_boards:
        raise Refused("panel", "Choose an entry that is on the boards.")
    row = on_boards[submission_id]
    standing = eligibilities(phase, now)[row.team]
    if not standing.eligible:
        raise Refused(
            "panel", f"{row.method} by {row.team} can't win: {standing.reason or standing.kind}"
        )
    return Submission.objects.get(pk=submission_id)
