"""Commands beside the site: each is a process of its own, a copy of one that has all loaded.

Loading the site takes longer than most commands do. As a program this is that one.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django
from django.core.management import call_command, get_commands

import manage

ROOT = Path(__file__).resolve().parents[2]
FORK = multiprocessing.get_context("fork")


class Console:
    """Runs commands of the site whose settings the environment has, one after the other."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments: str) -> str:
        """Run a management command; return what it prints."""
        assert self.process.stdin and self.process.stdout
        print(json.dumps(arguments), file=self.process.stdin, flush=True)
        code, printed, said = json.loads(self.process.stdout.readline())
        assert code == 0, said
        return str(printed)

    def close(self) -> None:
        """End it."""
        self.process.communicate()


def serve() -> None:
    """Run the command that each line of the input names; tell how it ended and what it said."""
    django.setup()
    call_command("check", stdout=sys.stderr)  # loads all pages, as each command does
    for name, app in get_commands().items():
        if app == "ratings":
            import_module(f"ratings.management.commands.{name}")
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


def run(arguments: list[str]) -> tuple[int | None, str, str]:
    """Run a command in a copy of this process; return its exit code, what it printed and said."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        process = FORK.Process(target=become, args=(arguments, printed.fileno(), said.fileno()))
        process.start()
        process.join()
        for file in (printed, said):
            file.seek(0)
        return process.exitcode, printed.read().decode(), said.read().decode()


def become(arguments: list[str], printed: int, said: int) -> None:
    """Be the command, as `manage.py` starts it."""
    os.dup2(printed, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    sys.argv = ["manage.py", *arguments]
    manage.main()


if __name__ == "__main__":
    serve()
