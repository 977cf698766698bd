"""What the head of a public page says to search engines, networks, feed readers and reference
managers. Drafts, previews and what organizers alone see say nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString

from ratings.challenge.models import Challenge
from ratings.web.parts.viewpoint import preview_of

SITE_FEED = "Image-compression challenges"
SIGN = "Image compression, judged: two versions, one of them chosen"


@dataclass(frozen=True)
class FeedLink:
    """A feed that tells what is new of what the page is about."""

    title: str
    url: str


@dataclass(frozen=True)
class SharedPicture:
    """The picture of a page where its address is shared, and what it shows."""

    url: str
    alt: str


@dataclass(frozen=True)
class SharedPage:
    """What is shown of a page where somebody shares its address; its `url` without any query.

    `picture` is the site's sign where the page has none of its own. `dataset` is what schema.org
    says of the results on it, as JSON.
    """

    title: str
    description: str
    url: str
    picture: SharedPicture
    feeds: Sequence[FeedLink] = ()
    dataset: SafeString | None = None


def shared_page(
    request: HttpRequest, title: str, description: str, *feeds: FeedLink
) -> SharedPage | None:
    """Return what is shown of this page elsewhere, such as in a list of search results."""
    if preview_of(request):
        return None
    known = (*feeds, FeedLink(SITE_FEED, reverse("web:site-feed")))
    url = request.build_absolute_uri(request.path)
    sign = SharedPicture(request.build_absolute_uri(static("card.png")), SIGN)
    return SharedPage(title, description or title, url, sign, known)


def feed_of(challenge: Challenge) -> FeedLink:
    """Return the feed of a challenge."""
    return FeedLink(challenge.name, reverse("web:feed", args=[challenge.slug]))
