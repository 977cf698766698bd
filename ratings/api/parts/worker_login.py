"""Workers elsewhere as they ask: by a token that is good for leases of runs, and nothing else."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from ratings.api.parts.errors import CHALLENGES
from ratings.submissions.models import Worker
from ratings.submissions.runs.workers import worker_of


class WorkerAuthentication(BaseAuthentication):
    """Bearer token of a worker, as `clicworker_...`."""

    def authenticate(self, request: Request) -> tuple[Worker, None] | None:
        """Return the worker, None without a token. Raises AuthenticationFailed."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        worker = worker_of(token.strip())
        if worker is None:
            raise AuthenticationFailed("This token is not, or no longer, a worker's.")
        return worker, None

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return CHALLENGES


def worker_asking(request: Request) -> Worker:
    """Return the worker that asks. Raises NotAuthenticated."""
    if not isinstance(request.user, Worker):
        raise NotAuthenticated("Workers alone do this: send a worker's bearer token.")
    return request.user
