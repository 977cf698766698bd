"""A team's mail, or its member's: which news of the site come to their address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ratings.challenge.teams.lost_passwords import mail_is_set_up
from ratings.notices.addressees import receiver_of
from ratings.web.parts.base_context import challenge_frame, visible_challenge
from ratings.web.parts.mail_switches import set_switches, switches
from ratings.web.parts.viewpoint import now_of
from ratings.web.team.team_sign_in import signed_in_actor


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team_mail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the switches of whoever is signed in; set them."""
    challenge = visible_challenge(request, slug)
    actor = signed_in_actor(request, challenge)
    if actor is None:
        return redirect("web:team-sign-in", slug)
    receiver = receiver_of(actor.holder)
    done = ""
    if request.method == "POST":
        set_switches(request, receiver)
        done = "Saved."
    page = {
        "actor": actor,
        "email": actor.holder.email,
        "mails": mail_is_set_up(),
        "switches": switches(receiver),
        "done": done,
    }
    frame = challenge_frame(request, challenge, now_of(request), "Submit")
    return render(request, "team_mail.html", frame | page)
