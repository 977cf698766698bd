"""The group of a rater, by which judgments are clustered: that of their invitation or platform.

A group is told by how somebody came, and so by what the organizers say of that link now. Once what
leads from a rater to the link is erased, the rater keeps the group that it told.
"""

from uuid import UUID

from django.db import connection
from django.db.models import Exists, Q

from ratings.challenge.names import has_hidden
from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import locking, note_change
from ratings.comparisons.models import Invitation, Rater, Stage, Study

LONGEST_GROUP = 100
_GROUPS = """
    SELECT r.id, r.state, r.stage, r.simulated,
        coalesce(nullif(r."group", ''), nullif(i."group", ''), p."group", '') AS "group"
    FROM ratings_rater r
    JOIN ratings_study s ON s.id = r.study_id
    LEFT JOIN ratings_invitation i ON i.id = r.invitation_id
    LEFT JOIN ratings_recruit c ON c.rater_id = r.id
    LEFT JOIN LATERAL (
        SELECT it."group" FROM jsonb_to_recordset(s.protocol_json->'recruiting'->'platforms')
            AS it(slug text, "group" text) WHERE it.slug = c.platform
    ) p ON TRUE
    WHERE r.study_id = %(study)s
"""
# Of each rater of a study's main stage: `id`, `state`, `stage`, `simulated`, a `number` from 0, and
# that of the group, `above`, which is -1 where there is none.
_IN_MAIN = f"stage = '{Stage.MAIN}'"
_UNGROUPED = f"""
    SELECT id, state, stage, simulated, row_number() OVER () - 1 AS number, -1 AS above
    FROM ratings_rater WHERE study_id = %(study)s AND {_IN_MAIN}
"""
_GROUPED = f"""
    SELECT id, state, stage, simulated, row_number() OVER () - 1 AS number,
        CASE WHEN "group" = '' THEN -1 ELSE dense_rank() OVER (ORDER BY "group") END AS above
    FROM ({_GROUPS}) named WHERE {_IN_MAIN}
"""


def has_groups(study: Study) -> bool:
    """Tell whether any rater of a study may have a group: in most studies none has."""
    if any(platform.group for platform in study.protocol.recruiting.platforms):
        return True
    told = Q(Exists(study.invitations.exclude(group=""))) | Q(
        Exists(study.raters.filter(stage=Stage.MAIN).exclude(group=""))
    )
    return Study.objects.filter(told, pk=study.pk).exists()


def numbered_raters(*, grouped: bool) -> str:
    """Return the query of a study's raters by number, with their groups where it is `grouped`."""
    return _GROUPED if grouped else _UNGROUPED


def rater_groups(study: Study) -> dict[UUID, str]:
    """Return the group of each rater who has one."""
    if not has_groups(study):
        return {}
    with connection.cursor() as cursor:
        query = f"""SELECT id, "group" FROM ({_GROUPS}) named WHERE "group" <> ''"""
        cursor.execute(query, {"study": study.pk})
        return dict(cursor.fetchall())


def checked_group(group: str) -> str:
    """Return a group's name without blanks around it, "" for none. Raises Refused, code "group"."""
    name = group.strip()
    if len(name) > LONGEST_GROUP or not name.isprintable() or has_hidden(name):
        raise Refused(
            "group", f"A group's name has at most {LONGEST_GROUP} characters that can be printed."
        )
    return name


def set_group(invitation: Invitation, group: str) -> None:
    """Say of which group those are who come, and came, by a link; the study is ranked anew.

    Raises Refused, code "group".
    """
    name = checked_group(group)
    with locking():
        changed = Invitation.objects.filter(pk=invitation.pk).exclude(group=name)
        if changed.update(group=name):
            note_change(invitation.study_id)


def keep_group(rater: Rater) -> None:
    """Let a rater keep their group, before what tells it is erased."""
    if group := rater_groups(rater.study).get(rater.pk):
        Rater.objects.filter(pk=rater.pk).update(group=group)
