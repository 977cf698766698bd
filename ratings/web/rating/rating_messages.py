"""Why the rating page can't go on: what is, why, and what to do, by the code of the refusal."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Text, or text that is translated when it is shown.
Words = str | Promise


@dataclass(frozen=True)
class Refusal:
    """One of the page's states; `code` is the API's, or "fault" for a fault of the page itself.

    `by_invitation` tells that without the invitation one may get in, where a study is open.
    """

    code: str
    title: Words
    why: Words
    mend: Words
    by_invitation: bool = False


REFUSALS = (
    Refusal(
        "study-closed",
        _("This study is closed"),
        _("It takes no more judgments. What was judged before is saved and counts."),
        _("There is nothing left to do. Thank you for coming."),
    ),
    Refusal(
        "study-paused",
        _("This study is paused"),
        _("The organizers have stopped handing out trials for a while. Your answers are saved."),
        _("Come back later with the same link: you go on where you were."),
    ),
    Refusal(
        "not-invited",
        _("This study is for invited raters"),
        _("The address you came with holds no invitation, or one that is not valid any more."),
        _("Open the link from your invitation once more, whole; else ask who sent it to you."),
    ),
    Refusal(
        "link-unfilled",
        _("This link does not say who you are"),
        _(
            "The site that sent you should have filled your identifier into the link, and left it "
            "out. Your answers could not be told from those of others."
        ),
        _(
            "Go back to that site and begin there once more. If you land here again, write to "
            "whoever runs the study there: its link needs mending. Nothing of yours was stored."
        ),
    ),
    Refusal(
        "invitation-used",
        _("This invitation is used up"),
        _("As many people as it was meant for have begun with it."),
        _("If you were one of them, open your own link in the browser where you began."),
        by_invitation=True,
    ),
    Refusal(
        "consent-changed",
        _("The text has changed"),
        _("The study's description was changed while you read it; your consent was not stored."),
        _("Reload the page and read it once more."),
    ),
    Refusal(
        "device-unfit",
        _("This window or device is not fit for the study"),
        _("The study asks for a larger window, finer pixels, a computer or another browser."),
        _(
            "Make the window as large as it gets, set the page's zoom to 100 %, then reload the "
            "page; or open the same link on a computer with a new browser. What you answered "
            "before is saved."
        ),
    ),
    Refusal(
        "quota-reached",
        _("All places are taken"),
        _("As many people as the study needs have begun."),
        _("Nothing of yours was stored. Thank you for wanting to help."),
    ),
    Refusal(
        "kind-full",
        _("These places are taken"),
        _("The study takes so many people of each kind, and has all it takes of yours."),
        _("Nothing of yours was stored. Thank you for wanting to help."),
    ),
    Refusal(
        "own-team-only",
        _("You can't judge in this study"),
        _("All that is compared here is compared with the pictures of your own team."),
        _("Nothing of yours was stored. Thank you for saying so."),
    ),
    Refusal(
        "no-rater",
        _("The browser has forgotten you"),
        _("This page needs its one cookie, which says which answers are yours."),
        _("Allow cookies for this site and reload the page, or open your own link."),
    ),
    Refusal(
        "pictures-missing",
        _("Pictures are missing"),
        _("The site has lost the pictures of the trials that are left. Your answers are saved."),
        _("Tell the organizers; when they have mended it, the same link lets you go on."),
    ),
    Refusal(
        "lost",
        _("This link is not whole"),
        _("A piece is missing, or it belongs to another study, so it does not say who you are."),
        _("Copy the whole link once more, or open it in the browser where you began."),
    ),
    Refusal(
        "fault",
        _("This page has made a mistake"),
        _(
            "Something in the page itself went wrong; that is no fault of yours. Your answers are "
            "safe: what the site does not have yet is kept in this browser, and sent next time."
        ),
        _("Reload the page: you go on where you were. If this comes again, tell the organizers."),
    ),
    Refusal(
        "refused",
        _("The site refused to go on"),
        _("That should not happen. Every answer that showed as saved is saved."),
        _("Reload the page. If this comes again, tell the organizers."),
    ),
)

# In its state's place where anybody may judge: then only an unknown invitation keeps one out.
NOT_VALID = Refusal(
    "not-invited",
    _("This invitation is not valid"),
    _("The address you came with holds an invitation that is unknown here, or was withdrawn."),
    _("This study is open to everybody: you can take part without an invitation."),
    by_invitation=True,
)


def refusals(*, is_open: bool) -> list[Refusal]:
    """Return what a page says, of a study that is open to everybody or not."""
    return [NOT_VALID if is_open and one.code == NOT_VALID.code else one for one in REFUSALS]
