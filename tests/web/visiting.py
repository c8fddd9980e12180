"""People of the small company at their browsers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.test import Client

from tests.world import World


@dataclass
class Visitor:
    """One person, signed in, without script."""

    name: str
    client: Client

    def get(self, path: str, *, status: int = 200) -> Seen:
        return self._seen(self.client.get(path), status)

    def post(self, path: str, *, status: int = 302, **fields: Any) -> Seen:
        return self._seen(self.client.post(path, fields), status)

    def _seen(self, response: Any, status: int) -> Seen:
        seen = Seen(response)
        assert response.status_code == status, f"{self.name}: {response.status_code}\n{seen.text[:2000]}"
        return seen


@dataclass
class Seen:
    """What came back: the text that a person reads, and where a redirect leads."""

    response: Any

    @property
    def html(self) -> str:
        return str(self.response.content.decode())

    @property
    def text(self) -> str:
        bare = re.sub(r"<(style|script|title)\b.*?</\1>|<[^>]+>", " ", self.html, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(bare)).strip()

    @property
    def leads_to(self) -> str:
        return str(self.response["Location"])

    def __contains__(self, words: str) -> bool:
        return words in self.text


def visitor(world: World, name: str) -> Visitor:
    client = Client()
    client.force_login(world.people[name].account)
    return Visitor(name, client)
