"""A company of 400 people, its services and the providers who help it, generated from a seed."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from random import Random
from typing import Any, Literal, NamedTuple

from helmdesk.exchange.demo.names import AddressBook
from helmdesk.exchange.demo.shifts import Hours, around_the_clock, hours_from_words
from helmdesk.exchange.demo.streams import stream

Words = Mapping[str, str]  # {language: text}
Language = Literal["en", "de", "es"]
Tone = Literal["polite", "terse", "cross", "rambling", "mobile"]

_TONES: Mapping[Tone, int] = {"polite": 40, "terse": 24, "cross": 10, "rambling": 14, "mobile": 12}
_LEADS: Mapping[Language, str] = {"en": "Head of {}", "de": "Leitung {}", "es": "Responsable de {}"}
_EXTENSIONS = range(100, 1000)


@dataclass(frozen=True, slots=True)
class Site:
    code: str
    name: str
    country: str
    zone: str


@dataclass(frozen=True, slots=True)
class Department:
    code: str
    names: Words
    floor: bool  # works in shifts, at machines


@dataclass(frozen=True, slots=True)
class Person:
    """Anyone: requesters (ref r001 …), people of providers (a01 …), managers and auditors (m01 …)."""

    ref: str
    given: str
    family: str
    email: str
    phone: str
    extension: str
    language: Language
    zone: str
    title: str
    department: str | None
    site: str | None
    tone: Tone

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Service:
    code: str
    names: Words
    criticality: Literal["vital", "high", "normal", "low"]
    standstill: int  # euros an hour when it stands still
    owner: str  # person


@dataclass(frozen=True, slots=True)
class Category:
    code: str
    names: Words
    parent: str | None


@dataclass(frozen=True, slots=True)
class Field:
    code: str
    names: Words
    kind: Literal["text", "choice"]
    choices: tuple[str, ...]
    personal: bool


@dataclass(frozen=True, slots=True)
class Tag:
    code: str
    names: Words


@dataclass(frozen=True, slots=True)
class ThirdParty:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Team:
    code: str
    name: str
    provider: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Agent:
    """A membership: a person who works for one provider, in some of its teams, at their own hours."""

    person: str
    provider: str
    teams: tuple[str, ...]
    lead: bool
    hours: Hours


@dataclass(frozen=True, slots=True)
class Provider:
    code: str
    name: str
    kind: Literal["internal", "external"]
    zone: str
    domain: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a provider may see: every pair of these services and sites."""

    provider: str
    services: tuple[str, ...]
    sites: tuple[str, ...]
    confidential: bool
    masked: bool


@dataclass(frozen=True, slots=True)
class Login:
    """A person to sign in as, and what can be seen through their eyes."""

    person: str
    role: str
    shows: str


@dataclass(frozen=True)
class Company:
    name: str
    domain: str
    sites: tuple[Site, ...]
    departments: tuple[Department, ...]
    persons: tuple[Person, ...]
    services: tuple[Service, ...]
    categories: tuple[Category, ...]
    fields: tuple[Field, ...]
    tags: tuple[Tag, ...]
    third_parties: tuple[ThirdParty, ...]
    providers: tuple[Provider, ...]
    teams: tuple[Team, ...]
    agents: tuple[Agent, ...]
    grants: tuple[Grant, ...]
    heads: Mapping[str, str]  # department → person
    roles: Sequence[tuple[str, str]]  # person, role
    logins: tuple[Login, ...]

    @cached_property
    def requesters(self) -> tuple[Person, ...]:
        return tuple(person for person in self.persons if person.ref.startswith("r"))

    @cached_property
    def person(self) -> Mapping[str, Person]:
        return {person.ref: person for person in self.persons}

    @cached_property
    def team(self) -> Mapping[str, Team]:
        return {team.code: team for team in self.teams}

    @cached_property
    def site(self) -> Mapping[str, Site]:
        return {site.code: site for site in self.sites}

    @cached_property
    def department(self) -> Mapping[str, Department]:
        return {department.code: department for department in self.departments}

    @cached_property
    def agent(self) -> Mapping[str, Agent]:
        return {agent.person: agent for agent in self.agents}

    def members(self, team: str) -> tuple[Agent, ...]:
        return tuple(agent for agent in self.agents if team in agent.teams)

    def may_see(self, provider: str, service: str, site: str, *, confidential: bool) -> bool:
        return any(
            grant.provider == provider
            and service in grant.services
            and site in grant.sites
            and (grant.confidential or not confidential)
            for grant in self.grants
        )


def company(seed: int | str) -> Company:
    plan = tomllib.loads(files(__package__).joinpath("texts", "company.toml").read_text("utf-8"))
    book = AddressBook()
    requesters = _requesters(plan, stream(seed, "requesters"), book)
    agents, agent_persons = _agents(plan, stream(seed, "agents"), book)
    officers = _officers(plan, stream(seed, "officers"), book)
    heads = {row["code"]: _head(row["code"], requesters) for row in plan["department"]}
    return Company(
        name=plan["name"],
        domain=plan["domain"],
        sites=tuple(Site(row["code"], row["name"], row["country"], row["zone"]) for row in plan["site"]),
        departments=tuple(Department(row["code"], row["name"], row.get("floor", False)) for row in plan["department"]),
        persons=(*requesters, *agent_persons, *officers),
        services=tuple(_service(row, heads) for row in plan["service"]),
        categories=_categories(plan),
        fields=tuple(_field(row) for row in plan["field"]),
        tags=tuple(Tag(row["code"], row["name"]) for row in plan["tag"]),
        third_parties=tuple(ThirdParty(row["code"], row["name"]) for row in plan["third_party"]),
        providers=tuple(
            Provider(row["code"], row["name"], row["kind"], row["zone"], row["domain"]) for row in plan["provider"]
        ),
        teams=tuple(
            Team(team["code"], team["name"], row["code"], hours_from_words(team["hours"], row["zone"], row["country"]))
            for row in plan["provider"]
            for team in row["team"]
        ),
        agents=agents,
        grants=tuple(grant for row in plan["provider"] for grant in _grants(row, plan)),
        heads=heads,
        roles=_roles(requesters, agents, officers),
        logins=_logins(requesters, agents, officers),
    )


def _requesters(plan: dict[str, Any], rng: Random, book: AddressBook) -> tuple[Person, ...]:
    people: list[Person] = []
    for site in plan["site"]:
        for language in _languages(site, rng):
            leads = len(people) < len(plan["department"])
            department = plan["department"][len(people)] if leads else _department(plan, site["code"], rng)
            given, family, email = book.newcomer(rng, _culture(site["cultures"], language, rng), plan["domain"])
            extension = str(_EXTENSIONS[len(people) * 2])
            people.append(
                Person(
                    ref=f"r{len(people) + 1:03d}",
                    given=given,
                    family=family,
                    email=email,
                    phone=site["phone"].format(int(extension)),
                    extension=extension,
                    language=language,
                    zone=site["zone"],
                    title=_title(department, language, rng, leads=leads),
                    department=department["code"],
                    site=site["code"],
                    tone=rng.choices(list(_TONES), list(_TONES.values()))[0],
                )
            )
    return tuple(people)


def _languages(site: dict[str, Any], rng: Random) -> list[Language]:
    """One language a person, in the shares of the site, in random order."""
    spoken: list[Language] = []
    for language, share in site["languages"].items():
        spoken += [language] * round(share * site["people"] + 0.001)
    rng.shuffle(spoken)
    return (spoken + spoken)[: site["people"]]


def _culture(cultures: dict[str, int], language: Language, rng: Random) -> str:
    if language == "es":
        return "spanish" if rng.random() < 0.9 else rng.choice(["moroccan", "italian"])
    weights = {code: weight for code, weight in cultures.items() if language == "en" or code != "british"}
    return rng.choices(list(weights), list(weights.values()))[0]


def _department(plan: dict[str, Any], site: str, rng: Random) -> dict[str, Any]:
    here = [row for row in plan["department"] if site in row["sites"]]
    chosen: dict[str, Any] = rng.choices(here, [row["share"] for row in here])[0]
    return chosen


def _title(department: dict[str, Any], language: Language, rng: Random, *, leads: bool) -> str:
    if leads:
        return _LEADS[language].format(department["name"][language])
    title: str = rng.choice(department["titles"][language])
    return title


# Shifts of the 24/7 desk: two people each, whose days overlap so that all seven are covered.
_DESK_SHIFTS = [(6, 14), (14, 22), (22, 30)]
_DESK_DAYS = [(0, 1, 2, 3, 4), (2, 3, 4, 5, 6)]


class _Post(NamedTuple):
    provider: str
    teams: tuple[str, ...]
    culture: str
    language: Language
    title: str = "Agent"


_POSTS = (
    _Post("inhouse", ("service_desk", "client_systems"), "austrian", "de", "Team lead"),
    _Post("inhouse", ("service_desk",), "austrian", "de"),
    _Post("inhouse", ("service_desk",), "spanish", "es"),
    _Post("inhouse", ("service_desk",), "balkan", "de"),
    _Post("inhouse", ("client_systems",), "austrian", "de"),
    _Post("inhouse", ("client_systems", "business_apps"), "hungarian", "de"),
    _Post("inhouse", ("business_apps",), "austrian", "de"),
    _Post("northwind", ("nw_network", "nw_infrastructure"), "british", "en", "Team lead"),
    _Post("northwind", ("nw_network",), "british", "en"),
    _Post("northwind", ("nw_network",), "indian", "en"),
    _Post("northwind", ("nw_infrastructure",), "british", "en"),
    _Post("northwind", ("nw_infrastructure", "nw_network"), "polish", "en"),
    _Post("baltic", ("baltic_desk", "baltic_remote"), "filipino", "en", "Team lead"),
    *(_Post("baltic", ("baltic_desk",), culture, "en") for culture in ("filipino", "filipino", "indian") * 2),
    _Post("baltic", ("baltic_remote",), "filipino", "en"),
    _Post("baltic", ("baltic_remote",), "indian", "en"),
)
_OFFICERS = (
    _Post("inhouse", (), "austrian", "de", "IT manager"),
    _Post("inhouse", (), "austrian", "de", "Auditor"),
    _Post("inhouse", (), "balkan", "de", "Administrator"),
)


def _agents(plan: dict[str, Any], rng: Random, book: AddressBook) -> tuple[tuple[Agent, ...], tuple[Person, ...]]:
    providers = {row["code"]: row for row in plan["provider"]}
    agents, persons, desk = [], [], 0
    for number, post in enumerate(_POSTS, 1):
        provider = providers[post.provider]
        if post.teams == ("baltic_desk",):
            hours = around_the_clock(provider["zone"], *_DESK_SHIFTS[desk // 2], _DESK_DAYS[desk % 2])
            desk += 1
        else:
            words = next(team["hours"] for team in provider["team"] if team["code"] == post.teams[-1])
            hours = hours_from_words(words, provider["zone"], provider["country"])
        person = _colleague(f"a{number:02d}", post, provider, rng, book)
        agents.append(Agent(person.ref, post.provider, post.teams, post.title == "Team lead", hours))
        persons.append(person)
    return tuple(agents), tuple(persons)


def _officers(plan: dict[str, Any], rng: Random, book: AddressBook) -> tuple[Person, ...]:
    home = next(row for row in plan["provider"] if row["kind"] == "internal")
    return tuple(_colleague(f"m{number:02d}", post, home, rng, book) for number, post in enumerate(_OFFICERS, 1))


def _colleague(ref: str, post: _Post, provider: dict[str, Any], rng: Random, book: AddressBook) -> Person:
    extension = 900 + int(ref[1:]) + (50 if ref.startswith("m") else 0)
    given, family, email = book.newcomer(rng, post.culture, provider["domain"])
    return Person(
        ref=ref,
        given=given,
        family=family,
        email=email,
        phone=provider["phone"].format(extension),
        extension=str(extension),
        language=post.language,
        zone=provider["zone"],
        title=post.title,
        department=None,
        site="graz" if provider["kind"] == "internal" else None,
        tone="polite",
    )


def _head(department: str, requesters: Sequence[Person]) -> str:
    return next(person.ref for person in requesters if person.department == department)


def _service(row: dict[str, Any], heads: Mapping[str, str]) -> Service:
    return Service(row["code"], row["name"], row["criticality"], row["standstill"], heads[row["owner"]])


def _categories(plan: dict[str, Any]) -> tuple[Category, ...]:
    tree: list[Category] = []
    for row in plan["category"]:
        tree.append(Category(row["code"], row["name"], None))
        tree += [Category(f"{row['code']}.{code}", names, row["code"]) for code, names in row["below"].items()]
    return tuple(tree)


def _field(row: dict[str, Any]) -> Field:
    return Field(row["code"], row["name"], row["kind"], tuple(row.get("choices", ())), row.get("personal", False))


def _grants(row: dict[str, Any], plan: dict[str, Any]) -> list[Grant]:
    return [
        Grant(
            provider=row["code"],
            services=_chosen(grant["services"], plan["service"]),
            sites=_chosen(grant["sites"], plan["site"]),
            confidential=grant.get("confidential", False),
            masked=grant.get("masked", False),
        )
        for grant in row["grants"]
    ]


def _chosen(codes: list[str], rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(row["code"] for row in rows if codes == ["*"] or row["code"] in codes)


def _roles(requesters: Sequence[Person], agents: Sequence[Agent], officers: Sequence[Person]) -> list[tuple[str, str]]:
    officer_roles = ("it_manager", "auditor", "admin")
    return [
        *((person.ref, "requester") for person in requesters),
        *((agent.person, "agent") for agent in agents),
        *((agent.person, "lead") for agent in agents if agent.lead),
        *((person.ref, role) for person, role in zip(officers, officer_roles, strict=True)),
    ]


def _logins(requesters: Sequence[Person], agents: Sequence[Agent], officers: Sequence[Person]) -> tuple[Login, ...]:
    asker = next(person for person in requesters if person.department == "sales" and person.language == "en")
    manager, auditor, admin = officers
    return (
        Login(asker.ref, "requester", "the portal of somebody who needs help"),
        Login(_worker(agents, "service_desk"), "agent", "the in-house service desk"),
        Login(next(agent.person for agent in agents if agent.lead), "lead", "the board of the in-house lead"),
        Login(_worker(agents, "nw_network"), "agent", "what Northwind may see"),
        Login(_worker(agents, "baltic_desk"), "agent", "what Baltic may see, masked"),
        Login(manager.ref, "it_manager", "providers, reports and plans"),
        Login(auditor.ref, "auditor", "access and the ledger"),
        Login(admin.ref, "admin", "setting things up"),
    )


def _worker(agents: Sequence[Agent], team: str) -> str:
    return next(agent.person for agent in agents if team in agent.teams and not agent.lead)
