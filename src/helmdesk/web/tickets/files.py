"""Files that come in with a form, and files that are handed out to those who may read their message."""

from django.http import FileResponse, Http404, HttpResponse
from django.views.decorators.http import require_safe

from helmdesk.foundation.files import (
    DOWNLOAD_HEADERS,
    FileRefused,
    Limits,
    Stored,
    check_count,
    disposition,
    open_stored,
    safe_name,
    store,
)
from helmdesk.foundation.images import ImageRefused, reencode
from helmdesk.tickets.models import Attachment, Message
from helmdesk.tickets.refusals import Refused
from helmdesk.web.visitor import Request

LIMITS = Limits()


def taken_in(request: Request, field: str = "files") -> list[tuple[str, Stored]]:
    """Stores what was sent along, before the verb that names it. A file that is not taken refuses the whole form."""
    sent = [file for file in request.FILES.getlist(field) if file.size]
    try:
        check_count(len(sent), limits=LIMITS)
        return [(safe_name(file.name or ""), store(file, name=file.name or "", limits=LIMITS)) for file in sent]
    except FileRefused as refused:
        raise Refused(refused.code, refused.message, field=field, value=refused.value, cure=refused.cure) from refused


@require_safe
def download(request: Request, attachment: int, name: str) -> HttpResponse | FileResponse:
    """A file as it came, never shown by the browser."""
    found = readable(request, attachment)
    try:
        response = FileResponse(open_stored(found.key), content_type=found.media_type)
    except (FileNotFoundError, ValueError):
        raise Http404 from None
    response["Content-Disposition"] = disposition(called(found, request))
    for header, value in DOWNLOAD_HEADERS.items():
        response[header] = value
    return response


@require_safe
def picture(request: Request, attachment: int) -> HttpResponse:
    """A picture, painted anew: what a browser is shown was never sent by a stranger."""
    found = readable(request, attachment)
    try:
        with open_stored(found.key) as stored:
            painted = reencode(stored)
    except (FileNotFoundError, ValueError, ImageRefused):
        raise Http404 from None
    response = HttpResponse(painted, content_type="image/webp")
    for header, value in DOWNLOAD_HEADERS.items():
        response[header] = value
    return response


def readable(request: Request, attachment: int) -> Attachment:
    """The attachment of a message that the viewer may read; for others there is none."""
    found = Attachment.objects.select_related("name").filter(pk=attachment, erased_at__isnull=True).first()
    if found is None or not Message.objects.visible_to(request.viewer).filter(pk=found.message_id).exists():
        raise Http404
    return found


def called(found: Attachment, request: Request) -> str:
    whole, masked = found.name.body, found.name.masked_body
    return (whole if request.viewer.unmasked else masked or whole) or "file"
