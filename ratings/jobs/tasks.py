"""The tasks that the worker runs; registered when Django is ready."""

from procrastinate import App


def register(app: App) -> None:
    """Make the tasks known to procrastinate."""
