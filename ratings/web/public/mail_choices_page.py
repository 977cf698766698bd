"""Where the link at the end of each mail leads: what one gets, or none; without signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ratings.challenge.refusals import Refused
from ratings.notices.mail_choices import stop_all
from ratings.notices.stop_links import receiver_of_token
from ratings.web.parts.mail_switches import set_switches, switches

ONE_CLICK = "List-Unsubscribe"  # what mail programs send by RFC 8058, with this very value
ONE_CLICKED = "One-Click"


@csrf_exempt  # a mail program has no cookie; the link itself is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_choices(request: HttpRequest, token: str) -> HttpResponse:
    """Show the switches of whose mail had the link; set them, or end all mail on one click."""
    try:
        receiver = receiver_of_token(token)
    except Refused as refused:
        left = {"problems": refused.problems}
        return render(request, "mail_choices.html", left, status=404)
    done = ""
    if request.POST.get(ONE_CLICK) == ONE_CLICKED or "none" in request.POST:
        stop_all(receiver)
        done = "No such mail is sent to you any more."
    elif request.method == "POST":
        set_switches(request, receiver)
        done = "Saved."
    page = {"switches": switches(receiver), "done": done}
    return render(request, "mail_choices.html", page)
