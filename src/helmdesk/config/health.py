"""`/healthz`: whether this desk can do its work: its database answers, is migrated, and refuses to change history."""

import json
import logging
from time import monotonic
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from helmdesk.foundation.tracebacks import outline
from helmdesk.ledger import triggers

log = logging.getLogger("helmdesk.health")

BELIEVED = 2.0
_migrated = False
_last: tuple[float, dict[str, bool]] = (0.0, {})


def report() -> tuple[int, str, bytes]:
    """Status, type and body of the answer: yes or no a part, nothing else, since anybody may ask."""
    state = looked()
    ok = all(state.values())
    return 200 if ok else 503, "application/json", json.dumps({"ok": ok, **state}).encode()


def looked() -> dict[str, bool]:
    """The state, at most two seconds old, so that asking costs nothing."""
    global _last  # noqa: PLW0603
    at, state = _last
    if not state or monotonic() - at > BELIEVED:
        _last = (monotonic(), look())
    return _last[1]


def look() -> dict[str, bool]:
    state = {"database": False, "migrations": False, "triggers": False}
    try:
        close_old_connections()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        state["database"] = True
        state["migrations"] = migrated()
        state["triggers"] = not triggers.missing()
    except DatabaseError as error:
        log.warning("the database does not answer", extra={"fault": outline(error)})
    return state


def migrated() -> bool:
    """Whether every migration of this version has been applied; once true it stays so for this process."""
    global _migrated  # noqa: PLW0603
    _migrated = _migrated or not unapplied()
    return _migrated


def unapplied() -> list[str]:
    """The migrations that this version has and the database has not."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan: list[tuple[Any, bool]] = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
