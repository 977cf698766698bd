"""What raters answered to a study's questionnaire, for organizers."""

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import require_organizer
from ratings.api.parts.table_views import TABLE_FORMAT, TABLES, TableView, answers, as_file
from ratings.comparisons.models import Study
from ratings.comparisons.questionnaire.answer_rows import ANSWER_COLUMNS, answer_rows
from ratings.ranking.tables.export import to_csv


class AnswersView(TableView):
    """The questionnaire's answers, apart from the judgments; never public."""

    public = False

    @extend_schema(
        operation_id="question_answers", parameters=[TABLE_FORMAT], responses=answers(TABLES)
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row an answer: rater, question, when it is asked, its kind, the answer."""
        require_organizer(request, "Answers are for organizers: send a bearer token.")
        study = get_object_or_404(Study, slug=slug)
        rows = answer_rows(study)
        if self.format_of(request, TABLES) == "csv":
            text = "".join(to_csv(ANSWER_COLUMNS, rows))
            return as_file(request, text, f"{slug}-answers", "csv")
        return Response({"study": slug, "results": list(rows)})
