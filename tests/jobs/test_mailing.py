"""Mail that workers send, as a mail server receives it."""

import re
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from ratings.challenge.models import Team
from ratings.challenge.teams.lost_passwords import actor_of_token
from ratings.challenge.teams.team_members import join_team
from ratings.jobs.mailing import invite_to_team
from tests.builders import PASSWORD, build_team
from tests.jobs.workers import run_worker, statuses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]
EMAIL = "xvc@example.org"


class MailServer(socketserver.ThreadingTCPServer):
    """Takes whatever is sent to it, as RFC 5321 has the words, or refuses for the time being."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.is_full = False
        super().__init__(("127.0.0.1", 0), Talk)


class Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 here")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.received.append(message_from_bytes(b"".join(lines)))
            elif word == b"RCPT" and self.server.is_full:
                self.say("452 full")
                continue
            elif word == b"QUIT":
                self.say("221 bye")
                return
            self.say("250 yes")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """Let mail go to a server of the test's own."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        settings.DEFAULT_FROM_EMAIL = "Ratings <ratings@example.org>"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def team() -> Team:
    return build_team(name="xvc", password=PASSWORD, email=EMAIL)


def lose_password(team: Team, name: str) -> None:
    path = f"/api/v1/challenges/{team.challenge.slug}/team/lost-password/"
    assert Client().post(path, {"name": name}, "application/json").status_code == 204


def test_a_link_to_a_new_password_is_mailed_to_the_team_alone(
    server: MailServer, team: Team
) -> None:
    build_team(team.challenge, name="without an address", password=PASSWORD)
    for name in ("XVC", "nobody", "without an address"):
        lose_password(team, name)
    run_worker()
    (mail,) = server.received
    assert (mail["To"], mail["From"]) == (EMAIL, "Ratings <ratings@example.org>")
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    link = re.search(
        rf"http://testserver/{team.challenge.slug}/submit/lost-password/(\S+)/", text.decode()
    )
    assert link and "xvc" in text.decode()
    assert actor_of_token(team.challenge, link[1]).team == team


def test_a_mail_server_that_takes_nothing_now_is_asked_again(
    server: MailServer, team: Team
) -> None:
    server.is_full = True
    lose_password(team, "xvc")
    run_worker()
    assert (server.received, statuses("mail_password_link")) == ([], ["todo"])


def text_of(mail: Message) -> str:
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    return text.decode()


def test_an_invitation_and_a_member_s_new_password_are_mailed(
    server: MailServer, team: Team
) -> None:
    slug, ann = team.challenge.slug, "ann@example.org"
    invite_to_team(team, "Ann", ann, f"http://site/{slug}/join/", "the team", now(), None)
    run_worker()
    (mail,) = server.received
    link = re.search(rf"http://site/{slug}/join/(\S+)/", text_of(mail))
    assert link and (mail["To"], mail["Subject"]) == (ann, "Join the team xvc")
    fields = {"name": "Ann", "password": PASSWORD, "email": ann}
    actor = join_team(team.challenge, link[1], now(), **fields)
    lose_password(team, ann)
    run_worker()
    (_, mail) = server.received
    renewal = re.search(r"/submit/lost-password/(\S+)/", text_of(mail))
    assert renewal and mail["To"] == ann and "Ann, of the team xvc" in text_of(mail)
    assert actor_of_token(team.challenge, renewal[1]) == actor
