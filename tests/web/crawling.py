"""Walks a desk's pages as one person does: follows its links, and lists its forms."""

from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.test import Client


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes, how, and the names and values of its fields."""

    page: str
    action: str
    method: str
    fields: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Walked:
    """What was found: the status of each page, and every form once, however many rows have one like it."""

    statuses: dict[str, int] = field(default_factory=dict)
    forms: dict[object, Form] = field(default_factory=dict)


class _Page(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._open: tuple[str, str, list[tuple[str, str]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urldefrag(urljoin(self.path, given["href"])).url)
        elif tag == "form":
            action = urldefrag(urljoin(self.path, given.get("action") or self.path)).url
            self._open = (action, given.get("method", "get").upper(), [])
        elif tag in ("input", "textarea", "select", "button") and self._open and given.get("name"):
            self._open[2].append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            action, method, fields = self._open
            self.forms.append(Form(self.path, action, method, tuple(fields)))
            self._open = None


def walk(client: Client, *starts: str, most: int = 120) -> Walked:
    """Follows links within the desk from some pages on, at most `most` pages; one address a route and query shape."""
    walked, waiting, shapes = Walked(), deque(starts), set()
    while waiting and len(walked.statuses) < most:
        path = waiting.popleft()
        if path in walked.statuses:
            continue
        answer = client.get(path, follow=True)
        walked.statuses[path] = answer.status_code
        if "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        page = _Page(answer.request["PATH_INFO"])
        page.feed(answer.content.decode())
        for form in page.forms:
            names = tuple(dict.fromkeys(name for name, _ in form.fields))
            walked.forms.setdefault((_shape(form.action), form.method, names), form)
        for link in page.links:
            shape = _shape(link)
            if _inside(link) and shape not in shapes:
                shapes.add(shape)
                waiting.append(link)
    return walked


def _inside(link: str) -> bool:
    parts = urlsplit(link)
    return not parts.scheme and not parts.netloc and parts.path.startswith("/") and "logout" not in link


def _shape(link: str) -> tuple[str, tuple[str, ...]]:
    """Pages that differ only in numbers look alike; two of a kind are not walked."""
    parts = urlsplit(link)
    path = "/".join("N" if part.isdecimal() else part for part in parts.path.split("/"))
    return path, tuple(sorted(pair.split("=")[0] for pair in parts.query.split("&")))
