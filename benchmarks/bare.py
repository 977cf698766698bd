"""The site's addresses and one more: what the least Django view that stores a judgment can do."""

import json
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

_INSERT = """
INSERT INTO bare (trial_id, choice, response_ms, judged_at, display)
VALUES (%s, %s, %s, %s, %s)
"""


@csrf_exempt
def insert(request: HttpRequest, trial_id: UUID) -> JsonResponse:
    """Store the same facts in one durable INSERT: no rater, no check, no count."""
    body = json.loads(request.body)
    values = [trial_id, body["choice"], body["response_ms"], timezone.now(), json.dumps(body)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
    return JsonResponse({"choice": body["choice"]}, status=201)


urlpatterns = [
    path("bare/<uuid:trial_id>/judgment/", insert),
    path("", include("ratings.urls")),
]
