# SPDX-License-Identifier: Apache-2.0
"""Why a machine makes no sandbox, and the cure, by what bubblewrap and the kernel say."""

from pathlib import Path

SETTINGS = Path("/proc/sys")
# Where the kernel says whether programs without rights may make user namespaces: what it says
# where they may not, and the cure.
CAUSES = (
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor forbids user namespaces here, as on Ubuntu from 23.10 on; allow them to bwrap by "
        "a profile, or to all by sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    (
        "user/max_user_namespaces",
        "0",
        "the kernel allows no user namespaces; set sysctl -w user.max_user_namespaces=10000",
    ),
    (
        "kernel/unprivileged_userns_clone",
        "0",
        "the kernel allows user namespaces to root alone; set "
        "sysctl -w kernel.unprivileged_userns_clone=1",
    ),
)
CONTAINER = (
    "this is a container that may make no namespaces, or whose /proc is masked; start it with "
    "--security-opt seccomp=unconfined --security-opt unmask=ALL (docker: systempaths=unconfined), "
    "or use a virtual machine"
)
CONTAINERS = ("/run/.containerenv", "/.dockerenv")
TOO_OLD = "bubblewrap is older than 0.8; install a newer package 'bubblewrap'"
NAMESPACES = (
    "decoders need unprivileged user namespaces and a /proc that may be mounted anew; look for "
    "what forbids them"
)


def advice(complaint: str) -> str:
    """Return the cause of what bubblewrap says, and its cure."""
    if "Unknown option" in complaint:
        return TOO_OLD
    for name, forbidding, words in CAUSES:
        if _setting(SETTINGS / name) == forbidding:
            return words
    return CONTAINER if any(Path(mark).exists() for mark in CONTAINERS) else NAMESPACES


def _setting(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
