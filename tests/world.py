"""A small company for tests: in-house people, two providers, three who ask, and what they may do.

Alice, Arno and Asha ask. Ina, Ivo and Iris work in-house (Iris leads, Max manages, Ada audits). Nora and Nils work at
Northwind, whose grant names the network; Bela at Baltic, whose grant names e-mail at the north site. Zoe left.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from helmdesk.access.models import Grant
from helmdesk.access.scopes import Combination, resolve
from helmdesk.access.viewer import Viewer, system, viewer_of
from helmdesk.catalogue.models import Category, Service, Tag
from helmdesk.people.models import Account, Address, Department, Person, Role, Site
from helmdesk.people.permissions import ROLES
from helmdesk.providers.models import Membership, Provider, Team, TeamMembership
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Message, ThirdParty, Ticket
from helmdesk.tickets.opening import Asked, open_ticket

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class World:
    """What a test speaks about, by name; `at` is the world's clock."""

    at: datetime = MONDAY
    people: dict[str, Person] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    company: ThirdParty | None = None

    def tick(self, **passed: int) -> datetime:
        """Time goes on, a minute unless told otherwise; returns the new now."""
        self.at += timedelta(**(passed or {"minutes": 1}))
        return self.at

    def who(self, name: str) -> Viewer:
        """The viewer that a person is now."""
        return system() if name == "system" else viewer_of(self.people[name].pk, at=self.at)

    def membership(self, name: str) -> int:
        return Membership.objects.get(person=self.people[name], ended_at__isnull=True).pk

    def about(self, service: str | None = None, site: str | None = None, *, flags: int = 0) -> Combination:
        return Combination(
            self.services[service].pk if service else None, self.sites[site].pk if site else None, None, flags
        )

    def ticket(
        self, requester: str = "alice", *, subject: str = "Printer is silent", text: str = "It does not print.",
        service: str | None = None, site: str | None = None, team: str | None = None, by: str | None = None,
        flags: int = 0,
    ) -> Ticket:  # fmt: skip
        """A new ticket of somebody, at the triage team unless a team is named."""
        asked = Asked(
            subject, Words(text), self.people[requester].pk, about=self.about(service, site, flags=flags),
            team=self.teams[team].pk if team else None,
        )  # fmt: skip
        return open_ticket(asked, by=self.who(by or requester), at=self.tick())

    def fresh(self, ticket: Ticket) -> Ticket:
        """The ticket as the database has it now."""
        return self.fresh_by(ticket.pk)

    def fresh_by(self, pk: int) -> Ticket:
        found: Ticket = Ticket.objects.unscoped(reason="a test looks at the truth").get(pk=pk)
        return found

    def messages(self, ticket: Ticket) -> list[Message]:
        rows = Message.objects.unscoped(reason="a test looks at the truth").filter(ticket=ticket).order_by("pk")
        return list(rows.select_related("text"))


STAFF = (
    # name, provider, team, lead, roles
    ("Ina Huber", "inhouse", "desk", False, ("agent",)),
    ("Ivo Maier", "inhouse", "desk", False, ("agent",)),
    ("Iris Lang", "inhouse", "desk", True, ("lead",)),
    ("Max Adler", "inhouse", "clients", True, ("manager", "lead")),
    ("Ada Stern", "inhouse", None, False, ("auditor",)),
    ("Nora West", "northwind", "network", True, ("lead",)),
    ("Nils Moss", "northwind", "network", False, ("agent",)),
    ("Bela Szabo", "baltic", "night", False, ("agent",)),
)


def build() -> World:
    """Writes the company; a test's database fixture undoes it."""
    world = World()
    _places(world)
    _catalogue(world)
    Role.objects.bulk_create(
        Role(code=code, name=spec["name"], permissions=spec["permissions"]) for code, spec in ROLES.items()
    )
    _providers(world)
    _people(world)
    _memberships(world)
    world.company = ThirdParty.objects.create(name="Printer Works")
    return world


def person(world: World, name: str, *, site: str = "north") -> Person:
    """A person with an e-mail address and an account without a password, known by first name."""
    return _persons(world, {name: site})[0]


def _people(world: World) -> None:
    asking = {"Alice Berg": "north", "Arno Kraus": "south", "Asha Rao": "south"}
    _persons(world, asking | {name: "north" for name, *_ in STAFF})


def _persons(world: World, names: dict[str, str]) -> list[Person]:
    department = Department.objects.first()
    made = Person.objects.bulk_create(
        Person(name=name, site=world.sites[site], department=department) for name, site in names.items()
    )
    emails = [f"{_first(one.name)}@company.example" for one in made]
    both = list(zip(made, emails, strict=True))
    Address.objects.bulk_create(Address(person=one, value=e, folded=e, verified_at=world.at) for one, e in both)
    accounts = [Account(person=one, email=email) for one, email in both]
    for account in accounts:
        account.set_unusable_password()
    Account.objects.bulk_create(accounts)
    world.people |= {_first(one.name): one for one in made}
    return made


def _first(name: str) -> str:
    return name.split(maxsplit=1)[0].lower()


def _memberships(world: World) -> None:
    """What `join` does, for all of STAFF at once."""
    roles = {role.code: role for role in Role.objects.all()}
    made = Membership.objects.bulk_create(
        Membership(person=world.people[_first(name)], provider=world.providers[provider], started_at=MONDAY)
        for name, provider, *_ in STAFF
    )
    through = Membership.roles.through
    through.objects.bulk_create(
        through(membership_id=one.pk, role_id=roles[code].pk)
        for one, (*_, codes) in zip(made, STAFF, strict=True)
        for code in codes
    )
    TeamMembership.objects.bulk_create(
        TeamMembership(membership=one, team=world.teams[team], lead=lead)
        for one, (_, _, team, lead, _) in zip(made, STAFF, strict=True)
        if team is not None
    )


def join(
    world: World, member: Person, provider: str, team: str | None, *, lead: bool = False, roles: tuple[str, ...] = ()
) -> Membership:
    membership = Membership.objects.create(person=member, provider=world.providers[provider], started_at=MONDAY)
    membership.roles.set(Role.objects.filter(code__in=roles))
    if team is not None:
        TeamMembership.objects.create(membership=membership, team=world.teams[team], lead=lead)
    return membership


def _places(world: World) -> None:
    Department.objects.create(code="finance", name="Finance")
    for code, zone in (("north", "Europe/Vienna"), ("south", "Europe/Madrid")):
        world.sites[code] = Site.objects.create(code=code, name=code.title(), zone=zone)


def _catalogue(world: World) -> None:
    for code, criticality in (("network", 1), ("email", 2), ("payroll", 1)):
        name = {"en": code.title(), "de": f"{code.title()}-Dienst"}
        world.services[code] = Service.objects.create(code=code, name=name, criticality=criticality)
    world.categories["fault"] = Category.objects.create(code="fault", name={"en": "Fault"})
    world.tags["urgent"] = Tag.objects.create(code="urgent")


def _providers(world: World) -> None:
    for code, kind, hue in (("inhouse", "internal", 1), ("northwind", "external", 2), ("baltic", "external", 3)):
        world.providers[code] = Provider.objects.create(code=code, name=code.title(), kind=kind, hue=hue)
    for code, provider in (
        ("desk", "inhouse"), ("clients", "inhouse"), ("network", "northwind"), ("night", "baltic"),
    ):  # fmt: skip
        world.teams[code] = Team.objects.create(
            code=code, name=code.title(), provider=world.providers[provider], triage=code == "desk"
        )
    Grant.objects.create(provider=world.providers["inhouse"], starts_at=MONDAY, personal_data=True)
    northwind = Grant.objects.create(provider=world.providers["northwind"], starts_at=MONDAY)
    northwind.services.set([world.services["network"]])
    baltic = Grant.objects.create(provider=world.providers["baltic"], starts_at=MONDAY, personal_data=True)
    baltic.services.set([world.services["email"]])
    baltic.sites.set([world.sites["north"]])
    for grant in Grant.objects.all():
        resolve(grant)
