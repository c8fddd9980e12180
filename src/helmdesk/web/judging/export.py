"""An answer as a file. It is made by a form, since the ledger is told of it before it is given out."""

import json
from typing import Any, Final

from django.db import transaction
from django.http import Http404, HttpResponse

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.changing import never_before
from helmdesk.ledger.door import record_access
from helmdesk.measures.exporting import csv_lines
from helmdesk.measures.judging import answers
from helmdesk.measures.judging.models import Judging
from helmdesk.web.judging.doors import for_managers, mine
from helmdesk.web.setup.doors import needs
from helmdesk.web.visitor import Request

FORMATS: Final = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


@needs("exports.make")
@for_managers
def create(request: Request, pk: int) -> HttpResponse:
    row, form = mine(request, pk), request.POST.get("format", "json")
    if form not in FORMATS or row.finished_at is None:
        raise Http404
    told: dict[str, Any] = {
        "what": "judging", "format": form, "first": row.first.isoformat(), "last": row.last.isoformat(),
        "by": row.by, "only": {}, "as_of": None,
    }  # fmt: skip
    with transaction.atomic():
        record_access("exported", told, by=request.viewer.stamp, at=never_before(request.at))
    answer = HttpResponse(written(row, form, request.viewer), content_type=FORMATS[form])
    answer["Content-Disposition"] = f'attachment; filename="helmdesk-judged-{row.first}-{row.last}.{form}"'
    return answer


def written(row: Judging, form: str, viewer: Viewer) -> bytes:
    if form == "json":
        return json.dumps(answers.as_json(row, viewer), indent=2).encode()
    return b"".join(csv_lines(answers.as_rows(row, viewer)))
