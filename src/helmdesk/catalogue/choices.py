"""What a ticket can be about, to choose from: services, sites and categories in one statement."""

import json
from typing import Any, Final

from helmdesk.foundation.statements import fetched

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
