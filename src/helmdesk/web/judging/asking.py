"""The question as a form: a level of the company's or one typed, a calendar, days, what to split by, what beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmdesk.access.viewer import Viewer
from helmdesk.clocks.reading import described_from
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import from_us
from helmdesk.measures.judging import rules, walking
from helmdesk.measures.judging.counting import BY
from helmdesk.measures.judging.models import Judging
from helmdesk.measures.names import Names
from helmdesk.measures.questions import Question, asked
from helmdesk.service_levels import publishing
from helmdesk.service_levels.codes import Codes
from helmdesk.service_levels.models import LevelVersion, ServiceLevel
from helmdesk.web.measures import words
from helmdesk.web.setup import level, level_form
from helmdesk.web.setup.forms import Form, Options, Values
from helmdesk.web.templating import local
from helmdesk.web.visitor import Request

type Words = str | Promise

FIELDS: Final = ("version", "hours", "from", "to", "by", "beside")
OF_THEIR_DAY: Final = "day"
TYPED: Final = "typed"
NAME: Final[dict[str, Any]] = {"en": "Another rule", "de": "Eine andere Regel", "es": "Otra regla"}
WORDS: Final[dict[str, Words]] = {
    **{by: words.BY[by] for by in BY if by in words.BY},
    "all": gettext_lazy("nothing"),
}


@dataclass(frozen=True)
class Desk:
    """What there is to choose from: every version of every level, and what codes are called."""

    versions: dict[int, LevelVersion]
    names: level.Names
    zone: tzinfo

    @classmethod
    def now(cls, viewer: Viewer) -> "Desk":
        rows = LevelVersion.objects.select_related("level").order_by("level__code", "-n")
        return cls({row.pk: row for row in rows if not row.ended}, level.names_of(), Names(viewer).zone)

    def version(self, form: Form, field: str) -> LevelVersion | None:
        """The version that was chosen in a list, or None for nothing."""
        chosen = form.chosen(field)
        if chosen is not None and chosen not in self.versions:
            raise BadEntry(field, chosen, _("Choose one of the list."))
        return self.versions.get(chosen or 0)

    def choices(self) -> dict[str, Options]:
        listed = self.listed()
        beside: Options = [(OF_THEIR_DAY, _("the same level, as it was each day")), ("", _("nothing")), *listed]
        return {
            **level.choices(self.names), "version": listed, "hours": list(self.names["calendar"].items()),
            "by": list(WORDS.items()), "beside": beside,
        }  # fmt: skip

    def listed(self) -> Options:
        """Every version of every level, by the level's name."""
        return [(row.pk, _said(row)) for row in self.versions.values()]


def _said(row: LevelVersion) -> str:
    since = date_format(timezone.localtime(row.valid_from), "j F Y")
    return _("%(level)s, version %(n)d from %(day)s") % {"level": local(row.name), "n": row.n, "day": since}


def blank(request: Request, desk: Desk) -> Values:
    """What the form begins with, or what the address says."""
    question = asked({}, at=request.at, zone=desk.zone)
    values: Values = {
        "version": next(iter(desk.versions), ""), "hours": "", "from": question.first.isoformat(),
        "to": question.last.isoformat(), "by": "provider", "beside": OF_THEIR_DAY,
    }  # fmt: skip
    return {**values, **{name: request.GET[name] for name in FIELDS if name in request.GET}}


def level_shown(chosen: LevelVersion | None, hours: str) -> Values:
    """The fields of a level to be changed before history is judged by it."""
    spec = level_form.NEW if chosen is None else chosen.spec
    return level_form.values_of({**spec, "calendar": hours or spec["calendar"]})


def typed(request: Request, desk: Desk) -> Form:
    lists = level_form.lists_of(level_form.rows_of(request.POST.get("rows", "")))
    changing = "metric" in request.POST
    alias = {} if changing else {"calendar": "hours"}
    return Form.typed(request, lists=lists if changing else (), choices=desk.choices(), alias=alias, fields=FIELDS)


def begun(form: Form, desk: Desk, request: Request) -> Judging:
    """Begins what the form asks. Raises BadEntry and BadLevel."""
    given = {name: form.text(name) for name in ("from", "to")}
    question = asked(given, at=request.at, zone=desk.zone)
    spec, chosen = spec_of(form, desk), desk.version(form, "version")
    rule = {**kept_of(spec, question), "changed": chosen is not None and not _same(spec, chosen.spec)}
    kept = [rule, *_beside(form, desk, spec, question)]
    return walking.begin(kept, question, by=form.text("by"), viewer=request.viewer, at=request.at)


def spec_of(form: Form, desk: Desk) -> dict[str, Any]:
    """The level that was chosen, with other hours perhaps; or as it was typed."""
    chosen = desk.version(form, "version")
    if "metric" in form.values:
        code, name = (chosen.level.code, chosen.name) if chosen else (TYPED, NAME)
        return {**level_form.spec_of(form, code=code, kept={}), "name": name}
    elif chosen is None:
        raise BadEntry("version", "", _("Choose a level, or write one of your own."))
    return {**chosen.spec, "calendar": form.text("hours") or chosen.spec["calendar"]}


def _same(spec: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two specs promise the same, however they are written."""
    one, two = (described_from(each, Codes()) for each in (spec, other))
    return (one.level, one.calendar_code) == (two.level, two.calendar_code)


def kept_of(spec: Mapping[str, Any], question: Question) -> dict[str, Any]:
    return rules.kept(publishing.checked(spec), spec, at=from_us(min(question.end - 1, question.now)))


def _beside(form: Form, desk: Desk, spec: Mapping[str, Any], question: Question) -> list[dict[str, Any]]:
    beside = form.text("beside")
    if beside == OF_THEIR_DAY:
        there = ServiceLevel.objects.filter(code=spec["code"]).exists()
        return [rules.kept_of_their_day(spec["code"])] if there else []
    other = desk.version(form, "beside")
    return [] if other is None else [kept_of(other.spec, question)]
