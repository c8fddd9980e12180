"""Providers compared on like tickets, for people of the company: a guest has nobody to be compared with."""

from dataclasses import dataclass, replace

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from helmdesk.foundation.errors import BadEntry
from helmdesk.measures.comparing import CODES, Beside, comparisons, measure_for
from helmdesk.measures.figures import Measure
from helmdesk.measures.names import spoken
from helmdesk.web.measures import words
from helmdesk.web.measures.asking import Page, page_of, refused
from helmdesk.web.measures.charts import Tick, place, shares, tickets
from helmdesk.web.setup.doors import needs
from helmdesk.web.visitor import Request

HOUR_US = 3_600_000_000
TOPS = (1, 2, 4, 8, 12, 24, 40, 48, 96, 192, 384, 768)
"""Where a scale of hours may end."""


@dataclass(frozen=True, slots=True)
class Line:
    """One provider beside the others, in words and as places on a common line."""

    name: str
    hue: int
    n: str
    plain: str
    alike: str
    others: str
    verdict: str
    apart: str
    overlap: str
    warns: bool
    clear: bool
    dots: tuple[str, str] | None
    ring: str | None
    interval: tuple[str, str] | None
    chance: str


@needs("measures.view")
def show(request: Request) -> HttpResponse:
    try:
        page = page_of(request)
    except BadEntry as bad:
        return refused(request, bad)
    if page.guest:
        raise Http404
    page = replace(page, question=replace(page.question, by="provider"))
    measure = measure_for(request.GET.get("figure", ""))
    found = comparisons(page.question, page.viewer, measure)
    ticks, lines = drawn(page, measure, found)
    return page.show(
        "comparison.html", measure=measure, lines=lines, ticks=ticks, title=words.FIGURES[measure.code],
        choices=[(code, words.FIGURES[code][0], page.to.comparison(figure=code)) for code in CODES],
        warns=any(line.warns for line in lines), back=page.to.home(),
    )  # fmt: skip


def drawn(page: Page, measure: Measure, found: list[Beside]) -> tuple[list[Tick], list[Line]]:
    ends = [
        end for one in found if one.found.this and one.found.others
        for end in (one.found.this.interval.high, one.found.others.interval.high, one.found.this.crude)
    ]  # fmt: skip
    most = max([0.0, *ends])
    if measure.unit == "share":
        ticks, at = shares(min(1.0, most))
    else:
        top = next((hours for hours in TOPS if most <= hours), most)
        ticks = [Tick(place(part), said(measure, part * top) if part else "0") for part in (0, 0.25, 0.5, 0.75, 1)]

        def at(value: float) -> str:
            return place(value / top)

    return ticks, [line(page, measure, one, at) for one in found]


def line(page: Page, measure: Measure, one: Beside, at: object) -> Line:
    this, others, apart = one.found.this, one.found.others, one.found.difference
    drawn_at = at if callable(at) else place
    alike = this is not None and others is not None and not one.few and not one.found.hardly_overlaps
    return Line(
        name=spoken(page.names.of("provider", one.provider)), hue=page.names.hues.get(one.provider, 12),
        n=tickets(one.n), plain=said(measure, this.crude) if this and not one.few else "–",
        alike=said(measure, this.value) if this and alike else "–",
        others=said(measure, others.value) if others and alike else "–",
        verdict=verdict(measure, one), apart=_apart(measure, one),
        overlap=words.percent(one.found.overlap), warns=one.found.hardly_overlaps, clear=one.differs,
        dots=(drawn_at(this.value), drawn_at(others.value)) if this and others and alike else None,
        ring=drawn_at(this.crude) if this and not one.few else None,
        interval=(drawn_at(this.interval.low), drawn_at(this.interval.high)) if this and alike and apart else None,
        chance=words.between(one.chance) if one.chance else "",
    )  # fmt: skip


def said(measure: Measure, value: float) -> str:
    """A share in percent, a mean of hours as a span."""
    return words.percent(value) if measure.unit == "share" else words.lasted(max(0.0, value) * HOUR_US)


def _apart(measure: Measure, one: Beside) -> str:
    """The difference on like tickets, from where to where it likely lies."""
    apart = one.found.difference
    if apart is None or one.few or one.found.hardly_overlaps:
        return ""
    if measure.unit == "share":
        low, high = (f"{end * 100:+.0f}" for end in (apart.low, apart.high))
        return _("difference likely %(low)s to %(high)s points") % {"low": low, "high": high}
    low, high = (f"{'−' if end < 0 else '+'}{words.lasted(abs(end) * HOUR_US)}" for end in (apart.low, apart.high))
    return _("difference likely %(low)s to %(high)s") % {"low": low, "high": high}


def verdict(measure: Measure, one: Beside) -> str:
    """What may be said, and nothing beyond."""
    apart = one.found.difference
    if one.few:
        return _("too few tickets to compare")
    elif apart is None or one.found.hardly_overlaps:
        return _("hardly any like tickets elsewhere: not comparable")
    elif not one.differs:
        return _("no difference beyond chance")
    more = apart.low > 0
    better = more == (measure.good == "more")
    return _("better than the others on like tickets") if better else _("worse than the others on like tickets")
