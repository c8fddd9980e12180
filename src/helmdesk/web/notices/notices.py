"""What somebody was told of clocks: a list of one's own, and that it was read."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helmdesk.service_levels import inbox
from helmdesk.service_levels.inbox import Item, Line
from helmdesk.web.templating import local
from helmdesk.web.visitor import Request

THOUSAND = 1000


def notices(request: Request) -> HttpResponse:
    if not request.viewer.working:
        raise Http404
    found = inbox.lines(request.viewer, at=request.at)
    rows = [(line, summed_up(line), [(item, said(item)) for item in line.items]) for line in found]
    return render(request, "notices/notices.html", {"rows": rows, "unread": any(not line.read for line in found)})


def read(request: Request) -> HttpResponse:
    if not request.viewer.working:
        raise Http404
    inbox.mark_read(request.viewer, at=request.at)
    return redirect("notices:home")


def said(item: Item) -> str:
    name = local(item.name) or item.level
    if item.share >= THOUSAND:
        return _("%(level)s: missed") % {"level": name}
    return _("%(level)s: %(share)d %% of the time is used") % {"level": name, "share": item.share // 10}


def summed_up(line: Line) -> str:
    """A digest in a sentence; nothing for a single notice."""
    if len(line.items) == 1:
        return ""
    missed = sum(item.share >= THOUSAND for item in line.items)
    words = ngettext("%(num)d promise missed", "%(num)d promises missed", missed) % {"num": missed}
    coming = len(line.items) - missed
    soon = ngettext("%(num)d coming due", "%(num)d coming due", coming) % {"num": coming}
    return f"{words}, {soon}" if coming else words
