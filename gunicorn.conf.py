"""How web servers run, which gunicorn reads by itself; options and GUNICORN_CMD_ARGS come first."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

# Requests wait for the database most of their time, so each process takes several. A thread keeps
# a connection to the database: `ratings.health.connections` counts them.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, os.cpu_count() or 1))
threads = 16
# The site is loaded before the port is opened: meanwhile a proxy is refused and asks another
# server at once, where requests would wait. HUP loads nothing anew: restart it for a new version.
preload_app = True
loglevel = "warning"
# Else it makes ~/.gunicorn/gunicorn.ctl, which a second site of the same user takes over.
control_socket_disable = True

if os.environ.get("RATINGS_LOG_JSON") == "1":
    logconfig_dict = {
        "formatters": {"json": {"()": "ratings.http.log_lines.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": {"gunicorn.error": {"handlers": ["stderr"], "propagate": False}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
    }

# Each process counts requests in files of its own; whichever is asked adds them up. After HUP this
# file is read again, and the folder stays.
_FOLDER, _PREFIX = "PROMETHEUS_MULTIPROC_DIR", "ratings-metrics-"
_COUNTS = any(f"RATINGS_METRICS_TOKEN{end}" in os.environ for end in ("", "_FILE"))
if _COUNTS and _FOLDER not in os.environ:
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix=_PREFIX)


def post_worker_init(worker: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Let the first process say, once, where all of them may take too many connections."""
    if worker.age == 1:
        from ratings.health.connections import crowding

        if words := crowding(worker.cfg.workers * worker.cfg.threads):
            worker.log.warning(words)


def on_exit(server: Any) -> None:  # noqa: ANN401
    """Remove what the processes have counted: a new server counts from zero."""
    folder = Path(os.environ.get(_FOLDER, ""))
    if folder.name.startswith(_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
