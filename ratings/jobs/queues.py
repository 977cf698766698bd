"""The names of all queues, and which of them keep a worker for long."""

from procrastinate.contrib.django import app

from ratings.jobs.tasks import LONG_QUEUES

app.perform_import_paths()  # type: ignore[no-untyped-call]
QUEUES = sorted({task.queue for task in app.tasks.values() if task.queue != "builtin"})
# Whoever works on these keeps the site going meanwhile.
SHORT_QUEUES = [queue for queue in QUEUES if queue not in LONG_QUEUES]
