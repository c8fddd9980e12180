"""What must stand before history can be written: a triage team, own fields, and the client under whose hat it is."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from helmdesk.access.grants import give_default
from helmdesk.access.scopes import intern_audience
from helmdesk.access.viewer import system
from helmdesk.exchange.imports import fields
from helmdesk.exchange.imports.desk import Standing
from helmdesk.exchange.imports.errors import CannotImport
from helmdesk.exchange.imports.sources import Source
from helmdesk.exchange.imports.teams import must_fit
from helmdesk.history.providers_map import ProvidersMap
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing
from helmdesk.ledger.models import Hat
from helmdesk.people.models import Client
from helmdesk.providers.companies import ProviderEntry, add_provider
from helmdesk.providers.models import Provider, Team
from helmdesk.providers.teams import TeamEntry, add_team

SYSTEM = Stamp()
IN_HOUSE = {"code": "in-house", "name": "In-house", "kind": "internal"}
SERVICE_DESK = {"code": "service-desk", "name": "Service desk"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What an import finds: whether the desk is empty, so that it will be given in-house people to begin with."""

    founds: bool


def check(source: Source, placed: ProvidersMap | None) -> Checked:
    """Whether this desk can take this source; writes nothing. Raises CannotImport."""
    fields.must_be_codes(source.fields)
    must_fit(placed)
    if _triage() is not None:
        return Checked(founds=False)
    elif Provider.objects.exists():
        raise CannotImport(
            "No team takes what no group shows: this desk has providers, but no triage team. "
            "Mark one as triage in set-up, then import."
        )
    return Checked(founds=True)


def set_up(source: Source, *, at: datetime) -> Standing:
    """Writes what `check` found missing, all or nothing."""
    with transaction.atomic():
        triage = _triage() or _found(at=at)
        fields.define(source.fields, by=SYSTEM, at=at)
        stamp = Stamp(Hat.CLIENT.value, hat_id=_client(source.name, at=at))
        audience = intern_audience(requester=True, in_house=False)
    return Standing(stamp, triage.pk, audience)


def _triage() -> Team | None:
    """The team that gets what no rule places, as for tickets that are opened here."""
    teams = Team.objects.filter(active=True, provider__active=True, provider__suspended_at__isnull=True)
    return teams.filter(triage=True).order_by("pk").first()


def _found(*, at: datetime) -> Team:
    entry = ProviderEntry(name=IN_HOUSE["name"], kind=IN_HOUSE["kind"], hue=1)
    provider = add_provider(IN_HOUSE["code"], entry, by=SYSTEM, at=at)
    triage = TeamEntry(name=SERVICE_DESK["name"], triage=True)
    team = add_team(SERVICE_DESK["code"], triage, provider=provider.pk, by=SYSTEM, at=at)
    give_default(provider.pk, by=system(), at=at)
    return team


def _client(name: str, *, at: datetime) -> int:
    """The client that stands for the source: events say that it told them, and nobody else."""
    found = Client.objects.filter(kind=Client.Kind.IMPORT, name=name).order_by("pk").first()
    if found is None:
        with changing(by=SYSTEM, at=at) as change:
            found = Client.objects.create(kind=Client.Kind.IMPORT, name=name, created_at=at)
            change.record("client.added", {"client": found.pk, "kind": "import"})
    return found.pk
