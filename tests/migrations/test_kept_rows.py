"""What a site has stored is kept by the steps of its migrations, on the way back and forth."""

from collections.abc import Callable, Iterator

import pytest

from tests.migrations.audit_entries import audit_entries
from tests.migrations.served_originals import served_originals
from tests.migrations.steps import migrate
from tests.migrations.study_holds import study_holds

# Who stores rows, looks at them after an older step and again after the newest; newest step first.
# One way serves all, since each step of it takes long.
WITNESSES: list[tuple[str, Callable[[], Iterator[None]]]] = [
    ("0049_method_version", study_holds),
    ("0033_run_faults", audit_entries),
    ("0033_run_faults", served_originals),
]


@pytest.mark.django_db(transaction=True)
def test_rows_are_kept_on_the_way_back_and_forth() -> None:
    under_way = [(step, witness()) for step, witness in WITNESSES]
    for _, witness in under_way:
        next(witness)
    try:
        for step, witness in under_way:
            migrate(("ratings", step))
            next(witness)
    finally:
        migrate()
    for _, witness in under_way:
        assert next(witness, "all was looked at") == "all was looked at"
