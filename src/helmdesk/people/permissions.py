"""What can be allowed: every permission, in one sentence that a page can show."""

from typing import Final

PERMISSIONS: Final[dict[str, str]] = {
    "tickets.work": "Take, answer, hand over, resolve the tickets of one's teams",
    "tickets.open_for": "Open a ticket on behalf of somebody",
    "tickets.lead": "Assign to others, take back, close, judge a wait in one's teams",
    "tickets.company_lead": "Act as lead over every team, and suspend a provider",
    "tickets.confidential": "See and mark confidential tickets",
    "tickets.redact": "Remove a secret from a message for good",
    "people.view": "See persons and their addresses unmasked",
    "people.manage": "Add, change, end persons, departments and sites",
    "people.erase": "Erase a person for good",
    "roles.manage": "Change roles and who has them",
    "providers.manage": "Change providers, teams and memberships",
    "catalogue.manage": "Change services, categories, own fields and the priority matrix",
    "calendars.manage": "Change working calendars: hours, holidays, days",
    "levels.manage": "Change service levels: what is promised, to whom and how fast",
    "access.manage": "Give and end grants",
    "ledger.view": "Read the ledger and verify it",
    "exports.make": "Export what one may see",
    "measures.view": "See figures: promises kept, times, who had the ball",
    "measures.open": "Show figures of persons and small teams to all who see figures, with a reason",
    "imports.run": "Bring history in",
    "jobs.manage": "See, retry and drop background jobs",
}

# What people of an external provider may be allowed at most, whatever their roles say.
GUEST_MAY: Final = frozenset(
    {
        "tickets.work",
        "tickets.open_for",
        "tickets.lead",
        "tickets.redact",
        "tickets.confidential",
        "exports.make",
        "measures.view",
    }
)

ROLES: Final[dict[str, dict[str, object]]] = {
    "agent": {
        "name": {"en": "Agent", "de": "Bearbeiter", "es": "Agente"},
        "permissions": ["tickets.work", "tickets.open_for"],
    },
    "lead": {
        "name": {"en": "Lead", "de": "Leitung", "es": "Responsable"},
        "permissions": ["tickets.work", "tickets.open_for", "tickets.lead", "tickets.redact", "measures.view"],
    },
    "manager": {
        "name": {"en": "IT manager", "de": "IT-Leitung", "es": "Dirección de TI"},
        "permissions": [code for code in PERMISSIONS if code not in ("tickets.confidential", "measures.open")],
    },
    "auditor": {
        "name": {"en": "Auditor", "de": "Prüfer", "es": "Auditor"},
        "permissions": ["ledger.view", "exports.make"],
    },
}
