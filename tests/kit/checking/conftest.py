"""The home check's parts are found as check.py finds them."""

import ratings.kit.check  # noqa: F401
