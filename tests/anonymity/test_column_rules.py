"""Every column of the judgments has a rule, and the page on privacy has each as it is."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ratings.anonymity.column_rules import COLUMN_RULES, RELEASED_COLUMNS, tenths
from ratings.anonymity.small_cells import LEAST_RATERS
from ratings.comparisons.judgment_facts import DEVICE_NAMES
from ratings.psychometrics.files.file_forms import COLUMNS
from ratings.ranking.evidence.judgment_query import JUDGMENT_COLUMNS

PRIVACY = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text()


def test_every_column_has_a_rule() -> None:
    assert list(COLUMN_RULES) == JUDGMENT_COLUMNS


def test_what_a_ranking_is_made_of_is_kept_and_what_tells_a_device_is_not() -> None:
    assert {*COLUMNS, "dataset", "kind", "excluded", "fast", "method_out"} <= {*RELEASED_COLUMNS}
    assert not {*DEVICE_NAMES, "browser", "judged_at", "issued_at"} & {*RELEASED_COLUMNS}


def test_the_page_on_privacy_has_the_rule_column_by_column() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`(\w+)`)? ?\| (.+) \|$", PRIVACY, re.MULTILINE)
    assert rows == [(name, rule.released, rule.how) for name, rule in COLUMN_RULES.items()]
    assert f"k is {LEAST_RATERS}" in PRIVACY


@given(st.integers(0, 10**7))
def test_durations_are_rounded_to_tenths(milliseconds: int) -> None:
    assert tenths(milliseconds) % 100 == 0
    assert -50 < tenths(milliseconds) - milliseconds <= 50
