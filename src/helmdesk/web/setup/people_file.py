"""People from a CSV file: sent, tried out without writing anything, looked at, then brought in.

The file travels with the page that shows what would become of it; nothing of it is kept here before it is confirmed.
"""

from base64 import b64decode, b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from helmdesk.exchange.people_csv import COLUMNS, Imported, Options, import_people
from helmdesk.foundation.entries import checked_zone
from helmdesk.foundation.errors import BadEntry
from helmdesk.history.delimited import Unreadable
from helmdesk.web.setup import words
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.setup.forms import Form
from helmdesk.web.setup.forms import Options as Choices
from helmdesk.web.visitor import Request

LARGEST: Final = 1024 * 1024
MOST_ROWS: Final = 2000
MOST_SHOWN: Final = 200
guarded = needs("people.manage")


@guarded
def new(request: Request) -> HttpResponse:
    return show(request, Form({"create": False, "zone": "", "encoding": ""}, choices=choices()))


@guarded
def create(request: Request) -> HttpResponse:
    """First what would happen; the same file once more, with `sure`, makes it happen."""
    form, done = Form.typed(request, choices=choices()), None
    form.values.setdefault("file", "")
    sure = form.text("sure") == "yes"
    with form.checking():
        content = carried(form) if sure else sent(request)
        form.values["content"] = b64encode(content).decode()
        done = bring_in(content, form, request, dry_run=not sure)
    if form.failed:
        form.values.pop("content", None)
        return show(request, form)
    return show(request, form, done, sure=sure)


def sent(request: Request) -> bytes:
    file = request.FILES.get("file")
    if file is None:
        raise BadEntry("file", "", _("Choose a file first."))
    if (file.size or 0) > LARGEST:
        raise BadEntry("file", file.name, _("At most 1 MB this way. Bring a larger one in by: helmdesk people import."))
    return bytes(file.read())


def carried(form: Form) -> bytes:
    try:
        content = b64decode(form.text("content"), validate=True)
    except ValueError as error:
        raise BadEntry("file", "", _("The file was lost on the way. Send it once more.")) from error
    if not content or len(content) > LARGEST:
        raise BadEntry("file", "", _("The file was lost on the way. Send it once more."))
    return content


def bring_in(content: bytes, form: Form, request: Request, *, dry_run: bool) -> Imported:
    if content.count(b"\n") > MOST_ROWS:
        raise BadEntry(
            "file", "", _("At most %(n)d rows this way. Bring more in by: helmdesk people import.") % {"n": MOST_ROWS}
        )
    encoding = form.text("encoding")
    if encoding not in [key for key, _words in form.choices["encoding"]]:
        raise BadEntry("encoding", encoding, _("Choose one of the list."))
    zone = form.text("zone")
    options = Options(
        create=form.ticked("create"), zone=checked_zone(zone) if zone else "UTC", encoding=encoding or None,
        dry_run=dry_run,
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_bytes(content)
        try:
            return import_people(path, options, by=request.viewer, at=request.at)
        except Unreadable as fault:
            raise BadEntry("file", "", f"{fault.reason}. {fault.cure}.") from fault


def choices() -> dict[str, Choices]:
    return {
        "encoding": [
            ("", _("find out (Unicode)")),
            ("cp1252", _("Western European (Windows)")),
            ("cp1250", _("Central European (Windows)")),
            ("cp1251", _("Cyrillic (Windows)")),
            ("cp1253", _("Greek (Windows)")),
        ]
    }


def show(request: Request, form: Form, done: Imported | None = None, *, sure: bool = False) -> HttpResponse:
    return page(
        request, "setup/people_file.html", here="people", status=form.status, form=form, done=done, sure=sure,
        columns=list(COLUMNS), zones=words.zones(), most=MOST_SHOWN, refused=done.refused[:MOST_SHOWN] if done else [],
    )  # fmt: skip
