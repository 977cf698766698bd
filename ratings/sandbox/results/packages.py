# SPDX-License-Identifier: Apache-2.0
"""What is said of a module that a decoder did not find: who has it, and how to get there."""

from collections.abc import Mapping

from ratings.sandbox.sandbox_errors import shown

MODULES = {"PIL": "pillow"}  # whose package is called otherwise
MOST_NAMED = 6  # packages
# interim
PACKAGED: Mapping[str, Mapping[str, str]] = {
    "python": {"numpy": "", "scipy": "", "pillow": ""},
    "torch": {"numpy": "", "pillow": "", "torch": ""},
}


def missing_module(module: str, environment: Mapping[str, str]) -> str:
    """Return what helps where an import of `module` failed.

    `environment` is what a run's record says of it. A package may be missing altogether, be in
    another packaged environment, or be there for the environment's own Python alone.
    """
    top = module.partition(".")[0]
    source = environment.get("environment", "python")
    held = PACKAGED.get(source, {})
    if _package(top) in held and top == module:
        return (
            f"The package {shown(top)} is there for the environment's own Python alone, and "
            "another one ran the decoder; begin with #!/usr/bin/env python3, or put the package "
            "into the decoder's zip."
        )
    if _package(top) in held:
        return (
            f"The package {shown(top)} has no module {shown(module)} where decoders run, in "
            f"version {environment.get(_package(top), 'unknown')}; write it for that one."
        )
    others = [shown(name) for name, packages in PACKAGED.items() if _package(top) in packages]
    if others:
        return (
            f"There is no package {shown(top)} in the environment {shown(source)}; it is in "
            f"{' and '.join(others)}: choose that where the phase has it, or put the package into "
            "the decoder's zip."
        )
    return (
        f"There is no package {shown(top)} in the environment {shown(source)}{_with(held)}, and no "
        "network to get more; put it into the decoder's zip."
    )


def _with(held: Mapping[str, str]) -> str:
    """Return what there is, in words."""
    names = sorted(held)[:MOST_NAMED]
    more = len(held) - len(names)
    words = ", ".join(names) + (f" and {more} more" if more else "")
    return f", which has {words}" if names else ""


def _package(module: str) -> str:
    return MODULES.get(module, module).lower().replace("_", "-")
