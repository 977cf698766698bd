"""`python -m tests.psychometrics.golden`: write the digits of a new version of the method."""

from ratings.psychometrics.inference.fitting import METHOD_VERSION
from tests.psychometrics.golden.digits import as_text, path_of

path = path_of(METHOD_VERSION)
if path.exists():
    raise SystemExit(f"{path.name} is there, and stays: raise METHOD_VERSION where digits move.")
path.write_text(as_text(), encoding="utf-8")
