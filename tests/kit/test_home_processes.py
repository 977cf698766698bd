# SPDX-License-Identifier: Apache-2.0
"""Looking processes up while they come and go."""

import subprocess

from ratings.kit.checking.home_processes import family, first_child

WALKS = 4_000  # some twenty of these meet a process that ends meanwhile
# Until the test is gone, also where it is killed.
COMING_AND_GOING = "while kill -0 $PPID 2>/dev/null; do /bin/true & /bin/true & wait; done"


def test_a_process_may_end_while_it_is_looked_up() -> None:
    with subprocess.Popen(["sh", "-c", COMING_AND_GOING]) as shell:
        try:
            walks = [list(family(shell.pid)) for _ in range(WALKS)]
        finally:
            shell.kill()
    assert all(walk[0] == shell.pid for walk in walks)
    assert any(len(walk) > 1 for walk in walks)
    assert first_child(shell.pid) is None
