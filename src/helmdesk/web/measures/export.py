"""Figures and tickets as a file. An export is made by a form, since the ledger is told of it before it is given out."""

import tempfile
from pathlib import Path

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from helmdesk.foundation.errors import BadEntry
from helmdesk.measures import exporting
from helmdesk.measures.exporting import FORMATS, Export
from helmdesk.web.measures.asking import page_of, refused
from helmdesk.web.setup.doors import needs
from helmdesk.web.visitor import Request


@needs("exports.make")
@needs("measures.view")
def create(request: Request) -> HttpResponse:
    what, form = request.POST.get("what", "figures"), request.POST.get("format", "csv")
    try:
        page = page_of(request, request.POST)
        made = exporting.export(what, form, page.question, viewer=page.viewer, at=request.at)
    except BadEntry as bad:
        return refused(request, bad)
    answer = streamed(made) if form == "csv" else filed(made, form)
    name = f"helmdesk-{what}-{page.question.first}-{page.question.last}.{form}"
    answer["Content-Type"] = next(media for known, media in FORMATS.items() if known == form)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer  # type: ignore[return-value]


def streamed(made: Export) -> HttpResponseBase:
    return StreamingHttpResponse(exporting.csv_lines(made))


def filed(made: Export, form: str) -> HttpResponseBase:
    """Written to disk row by row, then sent; gone when it is sent."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{form}"
        exporting.write(made, form, path)
        return FileResponse(path.open("rb"))
