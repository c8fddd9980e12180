"""Nothing that is sent, however broken, makes the desk fall over: no 500, and nothing written by what was refused."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, is_valid_path

from tests.thoroughness import examples
from tests.web.crawling import Form, walk
from tests.world import World

HOSTILE = (
    "", " ", "\x00", "-1", "0", "1e309", "NaN", "9" * 40, str(2**63), "²", "null", "[]", "{}", "a" * 900,
    "\U0001f600", "'; DROP TABLE helmdesk_event; --", "<script>alert(1)</script>", "{{7*7}}", "../../etc/passwd",
    "%00", "\u202e\u200b", "2026-02-30", "0001-01-01", "9999-12-31T23:59:59+14:00", "=cmd|'/c calc'!A1",
    "\r\nSet-Cookie: a=b", "1,2,x",
)  # fmt: skip
NAMES = (
    "q", "view", "team", "service", "site", "priority", "tag", "type", "department", "after", "before", "page", "sort",
    "shown", "person", "next", "topics", "kind", "stream", "seq", "order", "provider", "state", "promise", "ribbons",
    "by", "from", "to", "as_of", "level",
)  # fmt: skip
PEOPLE = ("max", "ina", "nora", "alice")
MOST_ALIKE = 3
ALONE = ("\x00", "9" * 40, "x" * 300, "-1")
BRIEFLY = 4
"""What the first of them has tried, the others, who see the same, try with every fourth value."""
IN_TURN = 1 if examples(1) > 1 else 3
"""Of the many values every third is tried at a place, beginning with another at the next; all, if thoroughly."""


@pytest.fixture
def desk(world: World, settings: object) -> World:
    """A few tickets in different hands, so that pages have rows, links and forms."""
    from helmdesk.tickets import assignment, conversation, hand_over
    from helmdesk.tickets.conversation import Words

    first = world.ticket("alice", service="network", subject="Hostile first")
    world.ticket("alice", service="payroll", subject="Hostile second")
    assignment.take(first.pk, by=world.who("ina"), at=world.tick())
    conversation.note(first.pk, Words("between us"), by=world.who("ina"), at=world.tick())
    hand_over.hand_over(
        first.pk, to=world.teams["network"].pk, done="a", asked="b", by=world.who("ina"), at=world.tick()
    )
    return world


def signed_in(world: World, name: str) -> Client:
    client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
    client.force_login(world.people[name].account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every route as a template, with the converter of each of its parts."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        else:
            yield path, {name: type(c).__name__ for name, c in pattern.pattern.converters.items()}


def filled(path: str, parts: dict[str, str], value: str) -> str | None:
    """A route with a hostile value for each part; None where it has a shape that cannot be filled."""
    import re

    for converter in parts.values():
        worth = value if converter != "IntConverter" else ("99999999999999999999" if "9" in value else "0")
        path = re.sub(r"<[^>]+>", worth.replace("\\", "").replace("?", "%3F").replace("#", "%23"), path, count=1)
    return None if re.search(r"[\^$()<>\\]", path) else "/" + path


@pytest.mark.parametrize("name", PEOPLE)
def test_every_route_withstands_hostile_paths_and_queries(desk: World, name: str) -> None:
    client, fallen = signed_in(desk, name), []
    leaving = ("logout", "sessions")
    tried: Counter[str] = Counter()
    for path, parts in routes(get_resolver().url_patterns):
        if any(word in path for word in leaving):
            continue
        for n, (address, value) in enumerate(attempts(path, parts, tried)):
            for method in ("get", "post", "delete") if n == 0 else ("get", "post"):
                answer = getattr(client, method)(address, dict.fromkeys(NAMES, value) if method != "delete" else None)
                if answer.status_code >= 500:
                    fallen.append((method, address, value[:30]))
    assert fallen == []


def attempts(path: str, parts: dict[str, str], tried: Counter[str]) -> Iterator[tuple[str, str]]:
    """Each hostile value in path and query. Addresses that are the same, or no route at all, are not tried for ever."""
    for value in HOSTILE if parts else HOSTILE[:1]:
        address = filled(path, parts, value or "x")
        if address is None or "\x00" in address or "\n" in address:
            continue
        alike = address if is_valid_path(unquote(address)) else f"nowhere: {value}"
        tried[alike] += 1
        if tried[alike] <= MOST_ALIKE:
            yield address, value


@pytest.mark.parametrize("name", PEOPLE)
def test_every_link_leads_somewhere(desk: World, name: str) -> None:
    walked = walk(signed_in(desk, name), "/")
    assert len(walked.statuses) > 2
    assert {path: status for path, status in walked.statuses.items() if status >= 400} == {}


@pytest.mark.parametrize("name", PEOPLE)
def test_every_query_of_every_page_withstands_hostile_values(desk: World, name: str) -> None:
    client, fallen = signed_in(desk, name), []
    known = pages_of(signed_in(desk, PEOPLE[0])) if name != PEOPLE[0] else set()
    for place, page in enumerate(sorted(pages_of(client))):
        step = BRIEFLY if page in known else IN_TURN
        for value in HOSTILE[place % step :: step]:
            answer = client.get(page, dict.fromkeys(NAMES, value))
            if answer.status_code >= 500:
                fallen.append((page, value[:30]))
    assert fallen == []


def pages_of(client: Client) -> set[str]:
    return {path.split("?")[0] for path, status in walk(client, "/").statuses.items() if status < 400}


@pytest.mark.parametrize("name", PEOPLE)
def test_every_form_withstands_hostile_values_and_files(desk: World, name: str) -> None:
    client, fallen = signed_in(desk, name), []
    known = walk(signed_in(desk, PEOPLE[0]), "/").forms.keys() if name != PEOPLE[0] else set()
    forms = {key: form for key, form in walk(client, "/").forms.items() if "logout" not in form.action}
    for place, (key, form) in enumerate(forms.items()):
        for sent in list(_sent(form, place))[:: BRIEFLY if key in known else 1]:
            answer = client.generic("GET", form.action) if form.method == "GET" else client.post(form.action, sent)
            if answer.status_code >= 500:
                fallen.append((form.action, {k: str(v)[:30] for k, v in sent.items()}))
    assert fallen == []
    assert client.get("/").status_code < 400


def _sent(form: Form, place: int) -> Iterator[dict[str, object]]:
    names = [name for name, _ in form.fields if name != "csrfmiddlewaretoken"]
    yield {}
    for value in HOSTILE[place % IN_TURN :: IN_TURN]:
        yield dict.fromkeys(names, value)
    for n, broken in enumerate(names[:12]):
        for value in (ALONE[n % len(ALONE)], ALONE[(n + 1) % len(ALONE)]):
            yield {**dict(form.fields), broken: value}
    files = [name for name in names if "file" in name]
    for called in ("\x00.exe", ".htaccess", "a\u200b.php", "x" * 300 + ".png", "..", "CON", "ø.svg") if files else ():
        yield {**dict(form.fields), **{name: _file(called) for name in files}}
    yield dict(form.fields)


def _file(name: str) -> SimpleUploadedFile:
    """A file under a name that Django itself would not give one."""
    file = SimpleUploadedFile("x", b"<svg onload=alert(1)>")
    file._name = name  # type: ignore[attr-defined]
    return file
