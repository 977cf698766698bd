"""What the site has stored of people, so that a release can be searched for it."""

from collections import Counter
from collections.abc import Collection, Mapping

from django.contrib.auth import get_user_model

from ratings.anonymity.leak_scan import LeakKind, LeakScan
from ratings.anonymity.small_cells import LEAST_RATERS
from ratings.challenge.models import Challenge, Dataset, Member, Original, Team
from ratings.challenge.pictures.scenes import picture_scenes
from ratings.comparisons.models import (
    Entry,
    Rater,
    Recruit,
    RecruiterAct,
    Study,
    UnfilledLink,
    Visit,
)
from ratings.comparisons.models import Invitation as RaterInvitation
from ratings.comparisons.raters.rater_groups import rater_groups
from ratings.comparisons.trials.completion_codes import personal_code


def known_of_people(study: Study) -> Mapping[LeakKind, Collection[str]]:
    """Return every text that must not be in a release of the study, by kind."""
    raters = study.raters.values_list("pk", flat=True)
    return {
        LeakKind.IDENTIFIER: {text for pk in raters for text in (pk.hex, str(pk))},
        LeakKind.PERSON: {*_recruits(study), *_unfilled(study)},
        LeakKind.LINK: {*_invitations(study), *_codes(study)},
        LeakKind.NAME: _names(study.phase.challenge),
        LeakKind.DEVICE: _rare_browsers(study),
    }


def public_names(study: Study) -> set[str]:
    """Return the names that pages tell everybody: organizers', teams', methods' and all others."""
    challenge = study.phase.challenge
    return {
        *(challenge.name, challenge.slug, study.name, study.slug, study.question),
        *challenge.series.values_list("name", flat=True),
        *challenge.phases.values_list("name", flat=True),
        # Their accounts are often called by a part of the name that is cited.
        *(word for name in challenge.organizers for word in (name, *name.split())),
        *Team.objects.filter(challenge=challenge).values_list("name", flat=True),
        *Entry.objects.filter(study=study).values_list("label", flat=True),
        *Entry.objects.filter(study=study).values_list("submission__method", flat=True),
        *Dataset.objects.filter(challenge=challenge).values_list("slug", flat=True),
        *Dataset.objects.filter(challenge=challenge).values_list("name", flat=True),
        *picture_scenes(study.phase.datasets.all()).values(),
    }


def named_labels(study: Study) -> list[str]:
    """Return the methods in whose names a member's or an account's name stands, by name.

    Each is there once, whatever its rates. A label is there where more of it than the method's name
    has such a name, such as the team's.
    """
    entries = list(study.entries.values_list("submission__method", "label"))
    methods = _named(study, {method for method, _ in entries})
    return sorted({*methods, *_named(study, {label for _, label in entries}, public=methods)})


def _named(study: Study, labels: Collection[str], public: Collection[str] = ()) -> set[str]:
    """Return those of the labels in which a name stands that is in none of the public ones."""
    names = {LeakKind.NAME: _names(study.phase.challenge)}
    shown, files = public_names(study), picture_names(study)
    scan = LeakScan(names, public=shown, files=files, labels=public)
    kind = LeakKind.NAME.value
    return {one for one in labels if kind in {found.kind for found in scan.findings("", one)}}


def public_texts(study: Study) -> set[str]:
    """Return the texts that pages tell everybody, and the definitions that raters agreed to."""
    challenge = study.phase.challenge
    return {
        *(challenge.summary, challenge.description, challenge.license, study.consent),
        *challenge.sponsors,
        *study.versions.values_list("definition", flat=True),
    }


def picture_names(study: Study) -> set[str]:
    """Return the names of the originals of the study's phase."""
    originals = Original.objects.filter(dataset__phases=study.phase)
    return set(originals.values_list("name", flat=True))


def _recruits(study: Study) -> set[str]:
    told = ("participant", "platform_study", "platform_session")
    acts = RecruiterAct.objects.filter(recruitment__study=study).exclude(submission="")
    return set(acts.values_list("submission", flat=True)) | {
        text
        for row in Recruit.objects.filter(study=study).values_list(*told)
        for text in row
        if text
    }


def _unfilled(study: Study) -> set[str]:
    return set(UnfilledLink.objects.filter(study=study).values_list("value", flat=True))


def _invitations(study: Study) -> set[str]:
    told = RaterInvitation.objects.filter(study=study).values_list("token", "label", "group")
    # Those of whom a platform's group, or an erased link's, is told have random names for it.
    groups = rater_groups(study).values()
    return {text for row in (*told, groups) for text in row}


def _codes(study: Study) -> set[str]:
    own = {personal_code(rater) for rater in Rater.objects.filter(study=study).only("pk")}
    platforms = study.protocol.recruiting.platforms
    return own | {c for p in platforms for c in (p.completion_code, p.screenout_code)}


def _names(challenge: Challenge) -> set[str]:
    """Return names and addresses of teams' members, teams' addresses, and all accounts."""
    members = Member.objects.filter(challenge=challenge).values_list("name", "email")
    teams = Team.objects.filter(challenge=challenge).values_list("email", flat=True)
    user = get_user_model()
    accounts = user._default_manager.values_list("username", "email", "first_name", "last_name")
    return {text for row in (*members, *accounts) for text in row} | set(teams)


def _rare_browsers(study: Study) -> set[str]:
    visits = Visit.objects.filter(rater__study=study).exclude(browser="")
    held = Counter(browser for _, browser in visits.values_list("rater", "browser").distinct())
    return {browser for browser, raters in held.items() if raters < LEAST_RATERS}
