"""What a form of a ticket lets one choose from: what it is about, in one statement, and which teams there are."""

import json
from typing import Any, Final

from helmdesk.foundation.statements import fetched
from helmdesk.providers.models import Provider

ALL: Final = """
SELECT 'service', id, CAST(name AS TEXT) FROM helmdesk_service WHERE active = %s
UNION ALL SELECT 'category', id, CAST(name AS TEXT) FROM helmdesk_category WHERE active = %s
UNION ALL SELECT 'site', id, name FROM helmdesk_site
"""


def matters() -> dict[str, list[tuple[int, Any]]]:
    """By kind, ids and names; those of services and categories as `{language: text}`."""
    found: dict[str, list[tuple[int, Any]]] = {"service": [], "site": [], "category": []}
    for kind, pk, name in fetched(ALL, [True, True]):
        found[kind].append((pk, name if kind == "site" else json.loads(name)))
    return found


TEAMS: Final = """
SELECT t.id, t.name FROM helmdesk_team t JOIN helmdesk_provider p ON p.id = t.provider_id
WHERE t.active = %s AND p.active = %s AND (p.kind = %s OR p.id = %s OR %s) ORDER BY t.name
"""


def teams(provider: int | None = None) -> list[tuple[int, str]]:
    """Teams at work, by name; with a provider, those of the house and its own."""
    rows = fetched(TEAMS, [True, True, Provider.Kind.INTERNAL.value, provider, provider is None])
    return [(pk, name) for pk, name in rows]
