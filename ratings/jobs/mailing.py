"""Mail that the site sends: by workers, so that no page waits for a mail server."""

from datetime import datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from ratings.challenge.login_throttle import PASSWORD_LINKS
from ratings.challenge.lost_passwords import mail_is_set_up, make_token, send_link
from ratings.challenge.models import Challenge, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.team_accounts import owner_key, team_key
from ratings.jobs.tasks import ATTEMPTS, renew_connection

SOON = 10  # before other upkeep
NO_MAIL = "This site sends no mail. Write to the organizers: they can set a new password."


def ask_for_password_link(
    challenge: Challenge, name: str, page: str, address: str | None, now: datetime
) -> None:
    """Let a link to a new password be sent to the team of this name, where it has an address.

    Whether there is such a team is not told. `page` is as `mail_password_link` takes it, `address`
    that of who asks. Raises Refused with code "mail", where this site sends none, "too-often", or
    "team-name" for what can be no name.
    """
    if not mail_is_set_up():
        raise Refused("mail", NO_MAIL)
    PASSWORD_LINKS.count(owner_key(challenge, name), address, now)
    team = Team.objects.filter(challenge=challenge, key=team_key(name)).exclude(email="").first()
    if team and not team.is_baseline:
        mail_password_link.defer(team_id=team.pk, page=page)


@app.task(
    queue="upkeep",
    priority=SOON,
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4),
    task_middleware=[renew_connection],
)
def mail_password_link(team_id: int, page: str) -> None:
    """Send a team a link below `page`, the address of the site's page that sets a new password.

    The token is made here: no job has one, and it is young when it arrives.
    """
    team = Team.objects.select_related("challenge").filter(pk=team_id).exclude(email="").first()
    if team:
        send_link(team, f"{page}{make_token(team)}/")
