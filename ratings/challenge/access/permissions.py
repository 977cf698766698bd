"""Who may do what to which challenge: the one place that decides; what it does not name is refused.

A role holds for one challenge or for the whole site. Pages and calls ask by the route of a request,
whose first part says what it is about; a route that names no challenge is about the whole site.
"""

from collections.abc import Collection, Mapping
from enum import Enum, auto

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q
from django.urls import ResolverMatch

from ratings.challenge.models import Challenge, Membership

Role = Membership.Role


class Permission(Enum):
    """What somebody may do at the desk."""

    ENTER = auto()  # sign in, see the desk's home, change one's own password
    READ = auto()  # all that the desk shows of a challenge, before it is public too
    CHANGE = auto()
    READ_PANEL = auto()  # the panel's sheet
    VOTE = auto()  # on the panel


OF_ROLE: Mapping[str, Collection[Permission]] = {
    Role.ORGANIZER: frozenset(Permission),
    Role.VIEWER: {Permission.ENTER, Permission.READ, Permission.READ_PANEL},
    Role.PANEL: {Permission.ENTER, Permission.READ_PANEL, Permission.VOTE},
}
# A role, and the key of the challenge that it holds for; None: the whole site.
Held = tuple[str, int | None]
Asker = AbstractBaseUser | AnonymousUser | None
# The first part of an address, and how what stands in its parameter finds the challenge.
FINDS = {
    "<slug:slug>": "slug",
    "boards": "slug",
    "challenges": "slug",
    "rate": "phases__studies__slug",
    "studies": "phases__studies__slug",
    "submissions": "phases__submissions__pk",
}
PARAMETERS = ("slug", "submission_id")


def permits(held: Collection[Held], permission: Permission, challenge: int | None) -> bool:
    """Tell whether roles permit something for a challenge, or (None) for the whole site."""
    return any(
        permission in OF_ROLE.get(role, ()) and where in (None, challenge) for role, where in held
    )


def roles_of(user: Asker) -> frozenset[Held]:
    """Return the roles of a user; `is_staff` makes an organizer of the whole site."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.is_staff:
        return frozenset({(Role.ORGANIZER, None)})
    return frozenset(user.memberships.values_list("role", "challenge"))


def may(user: Asker, permission: Permission, challenge: int | None) -> bool:
    """Tell whether a user may do something to the challenge of this key, None: to the site."""
    return permits(roles_of(user), permission, challenge)


def may_there(user: Asker, permission: Permission, route: ResolverMatch | None) -> bool:
    """Tell whether a user may do something to what a route is about."""
    held = roles_of(user)
    if permits(held, permission, None):
        return True  # without asking which challenge it is
    return bool(held) and permits(held, permission, challenge_of(route))


def may_anywhere(user: Asker, permission: Permission) -> bool:
    """Tell whether any role of a user permits something, wherever it holds."""
    return any(permission in OF_ROLE.get(role, ()) for role, _ in roles_of(user))


def within(user: Asker, permission: Permission, path: str = "") -> Q:
    """Return what filters rows for what a user may do; `path` leads from them to the challenge.

    It is such as "phase__challenge__", for challenges themselves "".
    """
    where = {place for role, place in roles_of(user) if permission in OF_ROLE.get(role, ())}
    return Q() if None in where else Q(**{f"{path}pk__in": where})


def challenge_of(route: ResolverMatch | None) -> int | None:
    """Return the key of the challenge that a route is about; None for none, or one not there."""
    if route is None:
        return None
    below = route.route.removeprefix("api/v1/").removeprefix("desk/")
    lookup = FINDS.get(below.partition("/")[0])
    named = next((route.kwargs[key] for key in PARAMETERS if key in route.kwargs), None)
    if lookup is None or named is None:
        return None
    return Challenge.objects.filter(**{lookup: named}).values_list("pk", flat=True).first()
