# SPDX-License-Identifier: Apache-2.0
"""What is said of a module that a decoder did not find: who has it, and how to get there."""

from collections.abc import Iterator, Mapping

from ratings.sandbox.environments.recipes import MODULES, RECIPES, contents
from ratings.sandbox.sandbox_errors import shown

PACKAGES = {module: package for package, module in MODULES.items()}  # by what they are imported by


def missing_module(module: str, environment: Mapping[str, str]) -> str:
    """Return what helps where an import of `module` failed.

    `environment` is what a run's record says of it. A package may be missing altogether, be in
    another packaged environment, or be there for the environment's own Python alone.
    """
    top = module.partition(".")[0]
    package = PACKAGES.get(top, top.lower().replace("_", "-"))
    source = environment.get("environment", "")
    if package not in contents(source):
        return _absent(top, package, source)
    if module == top:
        return (
            f"The package {shown(top)} is there for the environment's own Python alone, and "
            "another one ran the decoder; begin with #!/usr/bin/env python3, or put the package "
            "into the decoder's zip."
        )
    return (
        f"The package {shown(top)} has no module {shown(module)} in version "
        f"{contents(source)[package]}, which decoders find; write it for that one."
    )


def _absent(top: str, package: str, source: str) -> str:
    where = f"in the environment {shown(source)}" if source in RECIPES else "where decoders run"
    if others := " and ".join(map(shown, _holders(package))):
        return (
            f"There is no package {shown(top)} {where}; it is in {others}: choose one that the "
            "phase has, or put the package into the decoder's zip."
        )
    has = f", which has {RECIPES[source].words}" if source in RECIPES else ""
    return (
        f"There is no package {shown(top)} {where}{has}, and no network to get more; put it into "
        "the decoder's zip."
    )


def _holders(package: str) -> Iterator[str]:
    """Yield the packaged environments that have a package."""
    return (source for source in RECIPES if package in contents(source))
