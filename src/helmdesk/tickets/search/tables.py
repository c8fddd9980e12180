"""The index tables, which are not Django's: FTS5 on SQLite, tsvectors with GIN on PostgreSQL, the same terms in both.

A row's id is `ticket * 2**20 + place`: place 0 is the ticket itself, the others its messages in order, so that the
order of ids is newest ticket first and a ticket's rows are one range. Terms that no mask changes lie in `plain`;
where a text has a masked rendition they lie in `whole` and `masked` instead.
"""

from typing import Any

from helmdesk.foundation.text import FTS5_TOKENIZE

PLACES = 1 << 20

SQLITE = """
CREATE TABLE helmdesk_search (
    id INTEGER PRIMARY KEY, message INTEGER, plain TEXT, whole TEXT, masked TEXT
);
CREATE VIRTUAL TABLE helmdesk_search_fts USING fts5(
    plain, whole, masked, content='helmdesk_search', content_rowid='id', tokenize='TOKENIZE'
);
CREATE TRIGGER helmdesk_search_in AFTER INSERT ON helmdesk_search BEGIN
    INSERT INTO helmdesk_search_fts (rowid, plain, whole, masked) VALUES (NEW.id, NEW.plain, NEW.whole, NEW.masked);
END;
CREATE TRIGGER helmdesk_search_out AFTER DELETE ON helmdesk_search BEGIN
    INSERT INTO helmdesk_search_fts (helmdesk_search_fts, rowid, plain, whole, masked)
    VALUES ('delete', OLD.id, OLD.plain, OLD.whole, OLD.masked);
END
""".replace("TOKENIZE", FTS5_TOKENIZE)

POSTGRESQL = """
CREATE TABLE helmdesk_search (
    id BIGINT PRIMARY KEY, message BIGINT, plain TSVECTOR, whole TSVECTOR, masked TSVECTOR
);
CREATE INDEX helmdesk_search_plain ON helmdesk_search USING GIN (plain);
CREATE INDEX helmdesk_search_whole ON helmdesk_search USING GIN (whole);
CREATE INDEX helmdesk_search_masked ON helmdesk_search USING GIN (masked)
"""
# Every search reads all that is pending: of 4 MB, which is the default, as long as the rest of its page takes.
PENDING_KB = 128


def create(apps: Any, editor: Any) -> None:
    """Makes the tables, in a migration."""
    if editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL.split(";"):
            editor.execute(statement)
    else:
        for statement in _statements(SQLITE):
            editor.execute(statement)


def keep_pending_short(apps: Any, editor: Any) -> None:
    """In a migration: PostgreSQL sorts new rows into its indexes in small portions."""
    if editor.connection.vendor == "postgresql":
        for column in ("plain", "whole", "masked"):
            editor.execute(f"ALTER INDEX helmdesk_search_{column} SET (gin_pending_list_limit = {PENDING_KB})")
            editor.execute(f"SELECT gin_clean_pending_list('helmdesk_search_{column}')")


def drop(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TABLE helmdesk_search_fts")
    editor.execute("DROP TABLE helmdesk_search")


def _statements(script: str) -> list[str]:
    """Cut at the semicolons that end a line outside a trigger's body."""
    statements, open_body = [""], False
    for line in script.strip().splitlines():
        statements[-1] += line + "\n"
        open_body = (open_body or line.endswith("BEGIN")) and not line.startswith("END")
        if line.endswith(";") and not open_body:
            statements[-1] = statements[-1].rstrip().rstrip(";")
            statements.append("")
    return [statement for statement in statements if statement.strip()]
