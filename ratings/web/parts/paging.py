"""Lists of pages, in pages themselves: none grows without end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

ROWS = 50


@dataclass(frozen=True)
class ListPage:
    """Some rows of a list, `first` to `last` of `total`; addresses are "" where there is none."""

    rows: Sequence[Any]
    number: int
    pages: int
    first: int
    last: int
    total: int
    previous: str
    next: str


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    name: str = "page",
    size: int = ROWS,
) -> ListPage:
    """Return the page that the address names by `name`; the nearest there is for any other."""
    shown = Paginator(rows, size).get_page(request.GET.get(name))

    def address(number: int) -> str:
        query = request.GET.copy()
        query[name] = str(number)
        return f"?{query.urlencode()}"

    return ListPage(
        rows=list(shown.object_list),
        number=shown.number,
        pages=shown.paginator.num_pages,
        first=shown.start_index(),
        last=shown.end_index(),
        total=shown.paginator.count,
        previous=address(shown.number - 1) if shown.has_previous() else "",
        next=address(shown.number + 1) if shown.has_next() else "",
    )
