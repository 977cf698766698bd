"""While a command is loaded nobody looks for garbage, and never among what was loaded."""

import gc

import manage


def test_garbage_is_looked_for_once_all_is_loaded() -> None:
    before = gc.get_freeze_count()
    gc.disable()
    try:
        loaded: list[list[int]] = [[] for _ in range(1000)]
        handled = manage._once_loaded(lambda: str(gc.isenabled()))
        assert handled() == "True"
        assert gc.get_freeze_count() >= before + len(loaded)
    finally:
        gc.enable()
