"""What was forgotten leaves the files too: words from the index, pages from the database, files that no row names."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from helmdesk.foundation import files
from helmdesk.foundation.time import now
from helmdesk.ledger.forgetting import for_good
from helmdesk.ledger.models import Erasure
from helmdesk.tickets.models import Attachment

AGE: Final = timedelta(days=2)
TABLES: Final = ("helmdesk_text", "helmdesk_person", "helmdesk_address", "helmdesk_account", "helmdesk_search")


def scrub(*, at: datetime) -> bool:
    """Once a day, where something was forgotten lately; says whether there was anything to do."""
    if not Erasure.objects.filter(at__gte=at - AGE).exists():
        return False
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in TABLES:
                cursor.execute(f"VACUUM {table}")
        else:
            for_good()
            # FTS5 keeps deleted words until its segments are merged, whatever secure_delete says.
            cursor.execute("INSERT INTO helmdesk_search_fts (helmdesk_search_fts) VALUES ('optimize')")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return True


def sweep_files(*, at: datetime) -> int:
    """Removes files older than a day that no attachment names: left by a failed message, or of one that was erased."""
    return files.sweep(_named, older_than=at - timedelta(days=1))


def _named(keys: set[str]) -> set[str]:
    return set(Attachment.objects.filter(key__in=keys).values_list("key", flat=True))


def daily() -> None:
    at = now()
    scrub(at=at)
    sweep_files(at=at)
