"""Settings of the frameworks that the interface is made with."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "ratings.api.openapi.schema.Schema",
    "EXCEPTION_HANDLER": "ratings.api.parts.errors.problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Image-compression challenge",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "SessionStateEnum": "ratings.api.rating.sessions.STATES",
        "SubmissionStateEnum": "ratings.submissions.models.Submission.State",
        "RunStateEnum": "ratings.submissions.models.Run.State",
        "ReleaseStateEnum": "ratings.ranking.models.PublicRelease.State",
        "QuestionsWhenEnum": "ratings.api.rating.sessions.MOMENTS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ratings.api.rating.judgments.describe",
        "ratings.api.openapi.schema.complete",
    ],
}
