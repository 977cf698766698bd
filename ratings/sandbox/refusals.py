"""The two ways in which nothing is run."""


class FileRefused(ValueError):
    """A stranger's file that is not taken; each of `problems` names the thing and the mend."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class SandboxUnavailable(RuntimeError):
    """This machine can't contain a program; the message says what to install or to set."""
