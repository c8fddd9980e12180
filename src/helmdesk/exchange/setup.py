"""Sets a company up from a file: what is missing is added, what differs is changed, what is not named stays.

Every entry goes through the door that a page would use, all of them in one transaction. Whether an entry changed
anything is told by the events that it leaves: a second run leaves none.
"""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import models, transaction

from helmdesk.access import grants
from helmdesk.access.allowed import signed
from helmdesk.access.models import Grant
from helmdesk.access.viewer import Viewer
from helmdesk.calendars.models import WorkingCalendar
from helmdesk.catalogue import definitions, entries
from helmdesk.catalogue.models import Category, OwnField, Service, Tag
from helmdesk.clocks.reading import BadLevel
from helmdesk.exchange.setup_calendars import set_calendar
from helmdesk.exchange.setup_file import BadSetup, Fault, Row, read
from helmdesk.exchange.setup_people import set_person
from helmdesk.foundation.errors import BadEntry, shown
from helmdesk.ledger.changing import Change, changing
from helmdesk.ledger.models import Stream
from helmdesk.people import places, roles
from helmdesk.people.models import Department, Role, Site
from helmdesk.people.permissions import ROLES
from helmdesk.providers import companies, teams
from helmdesk.providers.models import Provider, Team
from helmdesk.service_levels.publishing import publish_level
from helmdesk.tickets.closing import set_closing
from helmdesk.tickets.models import ThirdParty
from helmdesk.tickets.third_parties import add_third_party, change_third_party


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: added, changed (in these fields) or unchanged."""

    table: str
    entry: str
    done: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doing:
    """Who sets up, when, and the change that every entry is a part of."""

    by: Viewer
    at: datetime
    change: Change


def set_up(path: Path, *, dry_run: bool = False, by: Viewer, at: datetime) -> list[Outcome]:
    """Applies a file whole or not at all; a dry run does everything and takes it back. Raises BadSetup."""
    rows = read(path)
    for permission in PERMISSIONS_NEEDED:
        signed(by, permission)
    with transaction.atomic():
        with grants.scopes_held_still(), changing(by=by.stamp, at=at) as change:
            outcomes = list(_applied(rows, Doing(by, at, change)))
        transaction.set_rollback(dry_run)
    return outcomes


PERMISSIONS_NEEDED: Final = (
    "people.manage",
    "roles.manage",
    "providers.manage",
    "catalogue.manage",
    "calendars.manage",
    "levels.manage",
    "access.manage",
)


def _applied(rows: list[Row], doing: Doing) -> Iterable[Outcome]:
    outcomes: dict[tuple[str, str], Outcome] = {}
    for table in (*_ORDER, Table("grants", Grants().apply)):
        for place, row in enumerate((row for row in rows if row.table == table.name), 1):
            name = f"{row.name} {place}" if table.name == "grants" else row.name
            done = _watched(table, row, name, doing)
            before = outcomes.get((table.name, name))
            outcomes[table.name, name] = done if before is None else _both(before, done)
    _default_grants(doing)
    return outcomes.values()


def _watched(table: "Table", row: Row, name: str, doing: Doing) -> Outcome:
    before = len(doing.change.entries)
    try:
        table.apply(row.says, doing)
    except BadEntry as bad:
        raise BadSetup(Fault(row.table, name, bad.field, shown(bad.value), bad.cure)) from bad
    told = [(one.kind, one.what) for one in doing.change.entries[before:] if one.stream == Stream.CONFIG]
    if not told:
        return Outcome(row.table, name, "unchanged")
    if any(kind in _FIRST for kind, _ in told) or any(what.get("version") == 1 for _, what in told):
        return Outcome(row.table, name, "added")
    fields = {field.removesuffix("_id") for _, what in told for field in what.get("changed", ())}
    others = {kind for kind, what in told if "changed" not in what}
    return Outcome(row.table, name, "changed", tuple(sorted(fields | others)))


_FIRST: Final = frozenset(
    "site.added department.added role.added service.added category.added tag.added provider.added team.added "
    "person.added grant.given third_party.added calendar.added".split()
)


def _both(first: Outcome, second: Outcome) -> Outcome:
    """A provider is met twice: before its teams, and after them for the one that takes over."""
    if first.done == "added" or second.done == "unchanged":
        return first
    return dataclasses.replace(second, fields=tuple(sorted({*first.fields, *second.fields})))


# --- the tables ---


@dataclass(frozen=True, slots=True)
class Table:
    """How the entries of one table are applied."""

    name: str
    apply: Callable[[dict[str, Any], Doing], None]


@dataclass(frozen=True, slots=True)
class Coded:
    """Entries that are known by a code and go through one door to be added and one to be changed."""

    model: type[models.Model]
    entry: Any
    add: Callable[..., Any]
    change: Callable[..., Any]
    permission: str
    refers: dict[str, type[models.Model]] = dataclasses.field(default_factory=dict)

    def apply(self, says: dict[str, Any], doing: Doing) -> None:
        stated = {key: value for key, value in says.items() if key != "code"}
        for key, model in self.refers.items():
            if key in stated:
                stated[key] = named(model, stated[key], key)
        row = self.model._default_manager.filter(code=says["code"]).first()
        by = signed(doing.by, self.permission)
        if row is None:
            self.add(says["code"], _made(self.entry, stated), by=by, at=doing.at)
        else:
            self.change(row.pk, entry_from(self.entry, row, stated), by=by, at=doing.at)


def _made(entry: Any, stated: dict[str, Any]) -> Any:
    stated.setdefault("name", "")
    return entry(**stated)


def entry_from(entry: Any, row: models.Model, stated: dict[str, Any]) -> Any:
    """What the row says now, but for what is stated."""
    names = [field.name for field in dataclasses.fields(entry)]
    now = {name: getattr(row, f"{name}_id" if hasattr(row, f"{name}_id") else name) for name in names}
    return entry(**{**now, **stated})


def named(model: type[models.Model], code: str, key: str) -> int:
    """The id behind a code, or a refusal that lists what there is."""
    pk = model._default_manager.filter(code=code).values_list("pk", flat=True).first()
    if pk is None:
        known = list(model._default_manager.order_by("code").values_list("code", flat=True)[:20])
        raise BadEntry(key, code, f"There is: {', '.join(known)}." if known else "There is none yet.")
    return int(pk)


def _role(says: dict[str, Any], doing: Doing) -> None:
    usual = ROLES.get(says["code"], {})
    known = Role.objects.filter(code=says["code"]).exists()
    defaults = {} if known else {"permissions": (), **usual}
    _CODED["roles"].apply({**defaults, **says}, doing)


def _provider(says: dict[str, Any], doing: Doing) -> None:
    _CODED["providers"].apply({key: value for key, value in says.items() if key != "fallback_team"}, doing)


def _fallback(says: dict[str, Any], doing: Doing) -> None:
    if "fallback_team" in says:
        row = Provider.objects.get(code=says["code"])
        stated = {"fallback_team": named(Team, says["fallback_team"], "fallback_team")}
        entry = entry_from(companies.ProviderEntry, row, stated)
        companies.change_provider(row.pk, entry, by=signed(doing.by, "providers.manage"), at=doing.at)


def _team(says: dict[str, Any], doing: Doing) -> None:
    by = signed(doing.by, "providers.manage")
    row = Team.objects.filter(code=says["code"]).select_related("provider").first()
    stated = {key: value for key, value in says.items() if key not in ("code", "provider")}
    if "calendar" in stated:
        stated["calendar"] = named(WorkingCalendar, stated["calendar"], "calendar") if stated["calendar"] else None
    if row is None:
        if "provider" not in says:
            raise BadEntry("provider", "", "Name the provider that the team belongs to.")
        provider = named(Provider, says["provider"], "provider")
        teams.add_team(says["code"], _made(teams.TeamEntry, stated), provider=provider, by=by, at=doing.at)
    elif says.get("provider", row.provider.code) != row.provider.code:
        raise BadEntry("provider", says["provider"], f"The team belongs to {row.provider.code} for good.")
    else:
        teams.change_team(row.pk, entry_from(teams.TeamEntry, row, stated), by=by, at=doing.at)


def _tags(says: dict[str, Any], doing: Doing) -> None:
    there = set(Tag.objects.filter(code__in=says["codes"]).values_list("code", flat=True))
    for code in says["codes"]:
        if code not in there:
            entries.add_tag(code, by=signed(doing.by, "catalogue.manage"), at=doing.at)


def _field(says: dict[str, Any], doing: Doing) -> None:
    stated = {key: value for key, value in says.items() if key != "code"}
    row = OwnField.objects.filter(code=says["code"]).order_by("-version").first()
    entry = definitions.FieldEntry
    made = _made(entry, stated) if row is None else entry_from(entry, row, stated)
    definitions.define_field(says["code"], made, by=signed(doing.by, "catalogue.manage"), at=doing.at)


def _matrix(says: dict[str, Any], doing: Doing) -> None:
    definitions.set_matrix(says["cells"], by=signed(doing.by, "catalogue.manage"), at=doing.at)


def _person(says: dict[str, Any], doing: Doing) -> None:
    refers: dict[str, type[models.Model]] = {"department": Department, "site": Site, "provider": Provider}
    stated: dict[str, Any] = dict(says)
    for key, model in refers.items():
        if key in stated:
            stated[key] = named(model, stated[key], key)
    for code in stated.get("roles", ()):
        if code in ROLES and not Role.objects.filter(code=code).exists():
            _role({"code": code}, doing)
    lists: dict[str, type[models.Model]] = {"teams": Team, "leads": Team, "roles": Role}
    for key, model in lists.items():
        if key in stated:
            stated[key] = [named(model, code, key) for code in stated[key]]
    set_person(stated, by=doing.by, at=doing.at)


def _level(says: dict[str, Any], doing: Doing) -> None:
    spec = {key: value for key, value in says.items() if key != "valid_from"}
    if isinstance(spec.get("name"), str):
        spec["name"] = {"en": spec["name"]}
    begins = _midnight(says["valid_from"], ZoneInfo("UTC")) if "valid_from" in says else None
    try:
        publish_level(spec, valid_from=begins, by=signed(doing.by, "levels.manage"), at=doing.at)
    except BadLevel as bad:
        faults = [Fault("levels", says["code"], one.field, shown(one.value), one.cure) for one in bad.faults]
        raise BadSetup(*faults) from bad


def _calendar(says: dict[str, Any], doing: Doing) -> None:
    set_calendar(says, by=doing.by, at=doing.at)


def _closing(says: dict[str, Any], doing: Doing) -> None:
    for kind, days in says.items():
        set_closing(kind, days or None, by=signed(doing.by, "levels.manage"), at=doing.at)


def _third_party(says: dict[str, Any], doing: Doing) -> None:
    row = ThirdParty.objects.filter(name=says["name"]).first()
    if row is None:
        row = add_third_party(says["name"], by=doing.by, at=doing.at)
    change_third_party(row.pk, name=row.name, active=says.get("active", row.active), by=doing.by, at=doing.at)


class Grants:
    """The k-th grant that a file names for a provider is the k-th that it has."""

    def __init__(self) -> None:
        self.met: dict[int, int] = {}

    def apply(self, says: dict[str, Any], doing: Doing) -> None:
        provider = Provider.objects.get(pk=named(Provider, says["provider"], "provider"))
        live = Grant.objects.filter(provider=provider, revoked_at__isnull=True).order_by("pk")
        place = self.met[provider.pk] = self.met.get(provider.pk, 0) + 1
        row = live[place - 1 : place].first()
        stated = _terms(says, ZoneInfo(provider.zone))
        if row is None:
            grants.give(provider.pk, grants.Terms(**stated), by=doing.by, at=doing.at)
        else:
            grants.change(row.pk, dataclasses.replace(grants.terms_of(row), **stated), by=doing.by, at=doing.at)


def _terms(says: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    stated: dict[str, Any] = {key: says[key] for key in ("confidential", "personal_data") if key in says}
    lists: dict[str, type[models.Model]] = {"services": Service, "sites": Site, "categories": Category}
    for key, model in lists.items():
        if key in says:
            stated[key] = [named(model, code, key) for code in says[key]]
    if "from" in says:
        stated["starts_at"] = _midnight(says["from"], zone)
    if "until" in says:
        stated["ends_at"] = _midnight(says["until"] + timedelta(days=1), zone)
    return stated


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _default_grants(doing: Doing) -> None:
    for provider in Provider.objects.filter(kind=Provider.Kind.INTERNAL, active=True):
        grants.give_default(provider.pk, by=doing.by, at=doing.at)


_CODED: Final = {
    "sites": Coded(Site, places.SiteEntry, places.add_site, places.change_site, "people.manage"),
    "departments": Coded(
        Department, places.DepartmentEntry, places.add_department, places.change_department, "people.manage"
    ),
    "roles": Coded(Role, roles.RoleEntry, roles.add_role, roles.change_role, "roles.manage"),
    "services": Coded(
        Service, entries.ServiceEntry, entries.add_service, entries.change_service, "catalogue.manage",
        {"owner_department": Department},
    ),
    "categories": Coded(
        Category, entries.CategoryEntry, entries.add_category, entries.change_category, "catalogue.manage",
        {"parent": Category},
    ),
    "providers": Coded(
        Provider, companies.ProviderEntry, companies.add_provider, companies.change_provider, "providers.manage"
    ),
}  # fmt: skip
_ORDER: Final = (
    Table("sites", _CODED["sites"].apply),
    Table("departments", _CODED["departments"].apply),
    Table("roles", _role),
    Table("services", _CODED["services"].apply),
    Table("categories", _CODED["categories"].apply),
    Table("tags", _tags),
    Table("fields", _field),
    Table("matrix", _matrix),
    Table("calendars", _calendar),
    Table("providers", _provider),
    Table("teams", _team),
    Table("providers", _fallback),
    Table("people", _person),
    Table("levels", _level),
    Table("closing", _closing),
    Table("third_parties", _third_party),
)
