"""The first page of figures: some questions as charts, then every figure as a table."""

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from helmdesk.foundation.errors import BadEntry
from helmdesk.measures.attainment import Attained
from helmdesk.measures.figures import MEASURES
from helmdesk.measures.reports import Group, Report, report
from helmdesk.web.measures import charts, words
from helmdesk.web.measures.asking import page_of, refused
from helmdesk.web.measures.charts import Chart, Drawing
from helmdesk.web.setup.doors import needs
from helmdesk.web.visitor import Request

type Row = tuple[str | Promise, str | Promise, list[tuple[str, str, str]]]


@needs("measures.view")
def show(request: Request) -> HttpResponse:
    try:
        page = page_of(request)
    except BadEntry as bad:
        return refused(request, bad)
    found = report(page.question, page.viewer)
    drawing = Drawing(found, page.names, page.language, page.to)
    return page.show(
        "overview.html", report=found, charts=drawn(drawing), drawing=drawing, rows=rows(drawing),
        promise_rows=promise_rows(drawing), groups=[found.whole, *found.groups],
        withheld=[drawing.titled(group.key) for group in found.groups if group.withheld],
    )  # fmt: skip


def drawn(drawing: Drawing) -> list[Chart]:
    """The questions of this page, those without an answer left out."""
    found = drawing.report.whole.promises
    asked = [charts.promises(drawing), charts.late(drawing)] if found else []
    if drawing.report.held:
        asked.append(charts.held(drawing))
    if not drawing.report.whole.withheld:
        asked += [
            charts.durations(
                drawing, "restore_gross", _("How long until it is solved?"),
                _("The dot: half are solved by then. The tick: nine of ten. All hours, nights too."),
            ),
            charts.durations(
                drawing, "first_response", _("How long until somebody answers?"),
                _("From opening to the first human answer; the dot is the median, the tick nine of ten."),
            ),
            charts.proportions(
                drawing, "fcr", _("How often is it solved at first contact?"),
                _("By the first team, asked once, and neither it nor its like came back within 7 days."),
            ),
            charts.proportions(
                drawing, "reopened", _("Where do tickets come back?"),
                _("Opened again within 7 days of being solved; the line is where the true share likely lies."),
            ),
            charts.proportions(
                drawing, "ping_pong", _("Where do tickets go back and forth?"),
                _("Came back to a team that had it before, of those solved."),
            ),
            charts.durations(
                drawing, "backlog_age", _("How old is what is open?"),
                _("At the end of these days; the dot is the median, the tick nine of ten."),
            ),
        ]  # fmt: skip
    return [chart for chart in asked if chart.marks]


def rows(drawing: Drawing) -> list[Row]:
    """Every figure, with its value for all and for each part: words, interval, address."""
    groups = [drawing.report.whole, *drawing.report.groups]
    return [
        (*words.FIGURES[one.code], [_cell(group, one.code, drawing) for group in groups]) for one in MEASURES
    ]  # fmt: skip


def _cell(group: Group, code: str, drawing: Drawing) -> tuple[str, str, str]:
    figure = group.figures.get(code)
    if figure is None:
        return "", "", ""
    address = drawing.to.tickets(code, group, drawing.report) if figure.n else ""
    return words.said(figure), words.likely(figure), address


def promise_rows(drawing: Drawing) -> list[Row]:
    """Each promise: its share for all and for each part, and how late on average."""
    report: Report = drawing.report
    found: list[Row] = []
    for one in report.whole.promises:
        of = [_promise(group, one.code) for group in (report.whole, *report.groups)]
        found.append(
            (
                drawing.level(one.code),
                _("kept, of what was decided"),
                [_kept(cell, group, drawing) for cell, group in of],
            )
        )
        found.append((_("%(name)s, late by") % {"name": drawing.level(one.code)}, _("on average, those in time as 0"),
                      [_late(cell) for cell, _group in of]))  # fmt: skip
    return found


def _promise(group: Group, code: str) -> tuple[Attained | None, Group]:
    return next((one for one in group.promises if one.code == code), None), group


def _kept(one: Attained | None, group: Group, drawing: Drawing) -> tuple[str, str, str]:
    if one is None or not one.share.n:
        return "–", "", ""
    address = drawing.to.tickets(f"promise:{one.code}", group, drawing.report)
    return words.said(one.share), words.likely(one.share), address


def _late(one: Attained | None) -> tuple[str, str, str]:
    excess = None if one is None else one.mean_excess
    return ("–" if excess is None else words.lasted(excess.value), "", "")
