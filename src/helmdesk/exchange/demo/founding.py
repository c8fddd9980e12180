"""Sets the demo company up through the same front doors that people use, so that the ledger tells of it."""

from dataclasses import dataclass, field
from datetime import datetime

from helmdesk.access import grants
from helmdesk.access.viewer import system
from helmdesk.catalogue.definitions import FieldEntry, define_field
from helmdesk.catalogue.entries import CategoryEntry, ServiceEntry, add_category, add_service, add_tag
from helmdesk.catalogue.models import OwnField
from helmdesk.exchange.demo.company import Company, Person
from helmdesk.ledger.chain import Stamp
from helmdesk.people.accounts import create_account
from helmdesk.people.addresses import add_address
from helmdesk.people.permissions import PERMISSIONS, ROLES
from helmdesk.people.persons import PersonEntry, add_person
from helmdesk.people.places import DepartmentEntry, SiteEntry, add_department, add_site
from helmdesk.people.roles import RoleEntry, add_role
from helmdesk.providers.companies import ProviderEntry, add_provider, change_provider
from helmdesk.providers.memberships import join, join_team, set_roles
from helmdesk.providers.teams import TeamEntry, add_team
from helmdesk.tickets.models import ThirdParty

SYSTEM = Stamp()
CRITICALITY = {"vital": 1, "high": 2, "normal": 3, "low": 4}
ROLE_CODES = {"it_manager": "manager"}


@dataclass(slots=True)
class Ids:
    """The ids behind the codes and refs of a company that has been set up."""

    sites: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    third_parties: dict[str, int] = field(default_factory=dict)
    providers: dict[str, int] = field(default_factory=dict)
    external: set[str] = field(default_factory=set)
    teams: dict[str, int] = field(default_factory=dict)
    provider_of: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    memberships: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)


def found(company: Company, *, at: datetime, password: str) -> Ids:
    """Writes the company; its logins get accounts with this password, in the caller's transaction."""
    ids = Ids()
    _places(company, ids, at)
    _catalogue(company, ids, at)
    _providers(company, ids, at)
    for person in company.persons:
        _person(company, person, ids, at)
    _memberships(company, ids, at)
    _grants(company, ids, at)
    for login in company.logins:
        person = company.person[login.person]
        create_account(ids.people[person.ref], email=person.email, password=password, by=SYSTEM, at=at)
    return ids


def _places(company: Company, ids: Ids, at: datetime) -> None:
    for site in company.sites:
        ids.sites[site.code] = add_site(site.code, SiteEntry(site.name, site.zone), by=SYSTEM, at=at).pk
    for department in company.departments:
        entry = DepartmentEntry(department.names["en"], company.name)
        ids.departments[department.code] = add_department(department.code, entry, by=SYSTEM, at=at).pk


def _catalogue(company: Company, ids: Ids, at: datetime) -> None:
    for service in company.services:
        owner = company.person[service.owner].department
        entry = ServiceEntry(
            name=dict(service.names), criticality=CRITICALITY[service.criticality], hour_cost=service.standstill,
            owner_department=ids.departments[owner] if owner else None,
        )  # fmt: skip
        ids.services[service.code] = add_service(service.code, entry, by=SYSTEM, at=at).pk
    for category in company.categories:
        parent = ids.categories[category.parent] if category.parent else None
        below = CategoryEntry(name=dict(category.names), parent=parent)
        code = category.code.replace(".", "-")
        ids.categories[category.code] = add_category(code, below, by=SYSTEM, at=at).pk
    for tag in company.tags:
        ids.tags[tag.code] = add_tag(tag.code, by=SYSTEM, at=at).pk
    for own in company.fields:
        kind = OwnField.Kind.CHOICE if own.kind == "choice" else OwnField.Kind.TEXT
        asked = FieldEntry(name=dict(own.names), kind=kind, choices=own.choices, personal=own.personal)
        define_field(own.code, asked, by=SYSTEM, at=at)
    for third in company.third_parties:
        ids.third_parties[third.code] = ThirdParty.objects.create(name=third.name).pk


def _providers(company: Company, ids: Ids, at: datetime) -> None:
    for hue, provider in enumerate(company.providers, 1):
        entry = ProviderEntry(name=provider.name, kind=provider.kind, zone=provider.zone, hue=hue)
        ids.providers[provider.code] = add_provider(provider.code, entry, by=SYSTEM, at=at).pk
        if provider.kind == "external":
            ids.external.add(provider.code)
    for n, team in enumerate(company.teams):
        named = TeamEntry(name=team.name, triage=n == 0)
        row = add_team(team.code, named, provider=ids.providers[team.provider], by=SYSTEM, at=at)
        ids.teams[team.code], ids.provider_of[team.code] = row.pk, team.provider
    for code, spec in ROLES.items():
        role = RoleEntry(spec["name"], spec["permissions"])  # type: ignore[arg-type]
        ids.roles[code] = add_role(code, role, by=SYSTEM, at=at).pk
    everything = RoleEntry({"en": "Administrator"}, PERMISSIONS)
    ids.roles["admin"] = add_role("admin", everything, by=SYSTEM, at=at).pk
    desk = next(iter(ids.teams.values()))
    for code in ids.external:
        pk = ids.providers[code]
        provider = next(p for p in company.providers if p.code == code)
        entry = ProviderEntry(
            name=provider.name, kind=provider.kind, zone=provider.zone, hue=list(ids.providers).index(code) + 1,
            fallback_team=desk,
        )  # fmt: skip
        change_provider(pk, entry, by=SYSTEM, at=at)


def _person(company: Company, person: Person, ids: Ids, at: datetime) -> None:
    entry = PersonEntry(
        name=person.name, language=person.language, zone=person.zone, title=person.title,
        department=ids.departments[person.department] if person.department else None,
        site=ids.sites[person.site] if person.site else None,
    )  # fmt: skip
    row = add_person(entry, by=SYSTEM, at=at)
    ids.people[person.ref] = row.pk
    add_address(row.pk, person.email, verified=True, by=SYSTEM, at=at)
    add_address(row.pk, person.phone, kind="phone", by=SYSTEM, at=at)


def _memberships(company: Company, ids: Ids, at: datetime) -> None:
    roles: dict[str, list[int]] = {}
    for person, role in company.roles:
        if role != "requester":
            roles.setdefault(person, []).append(ids.roles[ROLE_CODES.get(role, role)])
    home = next(provider.code for provider in company.providers if provider.kind == "internal")
    for person, held in roles.items():
        agent = company.agent.get(person)
        provider = ids.providers[agent.provider if agent else home]
        membership = join(ids.people[person], provider=provider, by=SYSTEM, at=at)
        ids.memberships[person] = membership.pk
        for team in agent.teams if agent else ():
            join_team(membership.pk, team=ids.teams[team], lead=bool(agent and agent.lead), by=SYSTEM, at=at)
        set_roles(membership.pk, held, by=SYSTEM, at=at)


def _grants(company: Company, ids: Ids, at: datetime) -> None:
    for provider in company.providers:
        if provider.kind == "internal":
            grants.give_default(ids.providers[provider.code], by=system(), at=at)
    for grant in company.grants:
        if grant.provider not in ids.external:
            continue
        every_service, every_site = len(grant.services) == len(company.services), len(grant.sites) == len(company.sites)
        terms = grants.Terms(
            services=[] if every_service else [ids.services[code] for code in grant.services],
            sites=[] if every_site else [ids.sites[code] for code in grant.sites],
            confidential=grant.confidential, personal_data=not grant.masked,
        )  # fmt: skip
        grants.give(ids.providers[grant.provider], terms, by=system(), at=at)
