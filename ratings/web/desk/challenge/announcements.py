"""Announcements, made at the desk for the challenge's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ratings.challenge.models import Announcement, Challenge
from ratings.challenge.told_news import tell_news
from ratings.comparisons.study.definition_history import Author, versioned
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of

LONGEST_TITLE, LONGEST_TEXT = 200, 5000


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def news(request: HttpRequest, slug: str) -> HttpResponse:
    """List the challenge's announcements; add one."""
    challenge = get_object_or_404(Challenge, slug=slug)
    title = request.POST.get("title", "").strip()[:LONGEST_TITLE]
    text = request.POST.get("text", "").strip()[:LONGEST_TEXT]
    if request.method == "POST" and title and text:
        by = request.user.get_username()
        with versioned(slug, Author(by)):
            now = timezone.now()
            Announcement.objects.create(challenge=challenge, title=title, text=text, at=now, by=by)
            tell_news(challenge, title, now, now)
        return redirect("web:desk-news", slug)
    shown = page_of(request, challenge.announcements.all())
    page = {"challenge": challenge, "page": shown, "announcements": shown.rows}
    return render(request, "desk/news.html", page)


@desk_page
@require_POST
def delete_news(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an announcement off the page."""
    get_object_or_404(Challenge, slug=slug)
    with versioned(slug, Author(request.user.get_username())):
        Announcement.objects.filter(challenge__slug=slug, pk=pk).delete()
    return redirect("web:desk-news", slug)
