"""A published digit moves only with the version of the method, which rankings are kept under."""

from ratings.psychometrics.inference.fitting import METHOD_VERSION
from tests.psychometrics.golden.digits import as_text, path_of

MEND = (
    "Published digits moved. If they are meant to, raise METHOD_VERSION in fitting.py, run "
    "`python -m tests.psychometrics.golden`, and say in the changelog which digits move and why."
)


def test_published_digits_are_those_of_the_version() -> None:
    assert as_text().splitlines() == path_of(METHOD_VERSION).read_text("utf-8").splitlines(), MEND
