"""The site's addresses and one more: what the least Django view that stores a row can do."""

import json

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

_INSERT = "INSERT INTO bare (trial_id, choice, response_ms) VALUES (gen_random_uuid(), %s, %s)"


@csrf_exempt
def insert(request: HttpRequest) -> JsonResponse:
    """Store a choice and a time in one durable INSERT."""
    body = json.loads(request.body)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [body["choice"], body["response_ms"]])
    return JsonResponse({"choice": body["choice"]}, status=201)


urlpatterns = [path("bare/", insert), path("", include("ratings.urls"))]
