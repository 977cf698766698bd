"""The names of all queues, and which of them keep a worker for long."""

from procrastinate.contrib.django import app

from ratings.jobs.decoding_queues import DECODING
from ratings.jobs.tasks import BASELINES

app.perform_import_paths()  # type: ignore[no-untyped-call]
QUEUES = sorted({task.queue for task in app.tasks.values() if task.queue != "builtin"})
# A decoder may run for hours, and a codec be tried for as long on many pictures.
LONG_QUEUES = [DECODING, BASELINES]
# Whoever works on these keeps the site going meanwhile.
SHORT_QUEUES = [queue for queue in QUEUES if queue not in LONG_QUEUES]
