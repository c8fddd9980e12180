"""The register of copies: what every text of every table holds, and who forgets it. A test fails on an undeclared one.

A new text, JSON, file or binary field needs a line here: `none` with the reason why it holds nothing of a person, else
`personal` or `secret` with the function that erases it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from django.apps import apps
from django.db import models

type Holds = Literal["none", "personal", "secret"]

TEXTUAL: Final = (
    models.CharField, models.TextField, models.JSONField, models.FileField, models.FilePathField, models.BinaryField,
    models.GenericIPAddressField, models.UUIDField,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """What a place holds. `how` is the dotted name of the eraser, or for `none` the reason."""

    place: str
    holds: Holds
    how: str


CODE: Final = "a code or one of few choices"
NAMED: Final = "a name that the company gave a thing, not a person"
FORGET: Final = "helmdesk.people.erasing.forget_record"
SESSIONS: Final = "helmdesk.people.sessions.end_sessions"
EMPTY: Final = "helmdesk.ledger.forgetting.empty"
UNUSED: Final = "stays empty: the company's own sign-in is set by the environment"

FIELDS: Final[tuple[tuple[str, str, Holds, str], ...]] = (
    ("helmdesk.Site", "code zone", "none", CODE),
    ("helmdesk.Site", "name", "none", NAMED),
    ("helmdesk.Department", "code", "none", CODE),
    ("helmdesk.Department", "name legal_entity", "none", NAMED),
    ("helmdesk.Person", "name title external_ref zone", "personal", FORGET),
    ("helmdesk.Person", "language", "none", CODE),
    ("helmdesk.Address", "value folded", "personal", FORGET),
    ("helmdesk.Address", "kind", "none", CODE),
    ("helmdesk.Account", "email", "personal", FORGET),
    ("helmdesk.Account", "password", "secret", FORGET),
    ("helmdesk.Role", "code permissions", "none", CODE),
    ("helmdesk.Role", "name", "none", NAMED),
    ("helmdesk.Client", "kind", "none", CODE),
    ("helmdesk.Client", "name", "none", NAMED),
    ("helmdesk.Client", "token_digest", "none", "the digest of a long random token, which cannot be guessed"),
    ("helmdesk.WorkingCalendar", "code", "none", CODE),
    ("helmdesk.WorkingCalendar", "name", "none", NAMED),
    ("helmdesk.CalendarVersion", "spec digest tzdata", "none", "hours, dates and digests"),
    ("helmdesk.CalendarVersion", "written named", "none", "hours, dates, and the names that the company gave days"),
    ("helmdesk.Service", "code currency", "none", CODE),
    ("helmdesk.Service", "name", "none", NAMED),
    ("helmdesk.Category", "code", "none", CODE),
    ("helmdesk.Category", "name", "none", NAMED),
    ("helmdesk.Tag", "code", "none", CODE),
    ("helmdesk.OwnField", "code kind", "none", CODE),
    ("helmdesk.OwnField", "name choices", "none", NAMED),
    ("helmdesk.PriorityMatrix", "cells", "none", "numbers"),
    ("helmdesk.Provider", "code kind zone", "none", CODE),
    ("helmdesk.Provider", "name", "none", NAMED),
    ("helmdesk.Team", "code", "none", CODE),
    ("helmdesk.Team", "name", "none", NAMED),
    ("helmdesk.ThirdParty", "name", "none", NAMED),
    ("helmdesk.Scope", "key", "none", "ids"),
    ("helmdesk.Audience", "key", "none", "ids"),
    ("helmdesk.Job", "queue name worker unique_key", "none", CODE),
    ("helmdesk.Job", "args", "none", "ids and codes, which the backend checks"),
    ("helmdesk.Job", "last_error", "none", "an outline of what failed, without values"),
    ("helmdesk.Due", "name", "none", CODE),
    ("helmdesk.Remembered", "cache_key value", "none", "counters under digests, for minutes"),
    ("helmdesk.Sealed", "purpose", "none", CODE),
    ("helmdesk.Sealed", "text", "personal", "helmdesk.foundation.sealing.put_away"),
    ("helmdesk.Event", "kind", "none", CODE),
    ("helmdesk.Event", "body", "none", "ids, codes, instants, numbers and commitments only"),
    ("helmdesk.Event", "hash", "none", "a digest of the body"),
    ("helmdesk.Head", "hash", "none", "a digest of events"),
    ("helmdesk.Seal", "root previous signature", "none", "digests of events and signatures of them"),
    ("helmdesk.Erasure", "what", "none", CODE),
    ("helmdesk.Text", "kind", "none", CODE),
    ("helmdesk.Text", "body masked_body salt", "personal", EMPTY),
    ("helmdesk.Ticket", "type channel holder wait priority_reason", "none", CODE),
    ("helmdesk.Ticket", "fields", "none", "numbers, dates and choices; texts by their id, and so all that is personal"),
    ("helmdesk.Ticket", "external_ref", "none", "the number of the ticket where it came from"),
    ("helmdesk.Message", "said_as", "none", CODE),
    ("helmdesk.Attachment", "key", "personal", "helmdesk.tickets.redaction.drop_file"),
    ("helmdesk.Attachment", "digest", "personal", "helmdesk.tickets.redaction.drop_file"),
    ("helmdesk.Attachment", "media_type", "none", CODE),
    ("helmdesk.Share", "why", "none", CODE),
    ("helmdesk.Link", "kind", "none", CODE),
    ("helmdesk.TimeEntry", "work", "none", CODE),
    ("helmdesk.Closing", "type", "none", CODE),
    ("helmdesk.ServiceLevel", "code", "none", CODE),
    (
        "helmdesk.LevelVersion",
        "spec",
        "none",
        "what is promised: codes, durations, and the name that the company gave it",
    ),
    ("helmdesk.LevelVersion", "digest", "none", "a digest of the spec"),
    ("helmdesk.Clock", "why", "none", CODE),
    ("helmdesk.Import", "source digest", "none", CODE),
    ("helmdesk.Import", "file", "none", "the name of an exported file"),
    ("helmdesk.ImportedTicket", "source", "none", CODE),
    ("helmdesk.ImportedTicket", "external_id", "none", "the number of the ticket where it came from"),
    ("helmdesk.ImportedTicket", "memory salt", "personal", "helmdesk.exchange.imports.forgetting.forget"),
    ("helmdesk.ImportedName", "source kind", "none", CODE),
    ("helmdesk.ImportedName", "name", "none", NAMED),
    ("helmdesk.TicketFigures", "type closed_how", "none", CODE),
    ("helmdesk.HeldSpan", "holder wait", "none", CODE),
    ("helmdesk.Judging", "by", "none", CODE),
    ("helmdesk.Judging", "rules", "none", "levels to judge by: codes, durations, and the name the company gave them"),
    ("helmdesk.Judging", "told", "none", "counts under ids, for some days"),
    ("helmdesk.JudgedTurn", "part", "none", CODE),
    # tables of others
    ("auth.Permission", "name codename", "none", CODE),
    ("auth.Group", "name", "none", CODE),
    ("contenttypes.ContentType", "app_label model", "none", CODE),
    ("sessions.Session", "session_key session_data", "secret", SESSIONS),
    ("usersessions.UserSession", "session_key", "secret", SESSIONS),
    ("usersessions.UserSession", "ip user_agent data", "personal", SESSIONS),
    ("account.EmailAddress", "email", "personal", FORGET),
    ("account.EmailConfirmation", "key", "secret", "helmdesk.people.sessions.end_tokens"),
    ("mfa.Authenticator", "type", "none", CODE),
    ("mfa.Authenticator", "data", "secret", FORGET),
    ("socialaccount.SocialApp", "provider provider_id name client_id secret key settings", "none", UNUSED),
    ("socialaccount.SocialAccount", "provider", "none", CODE),
    ("socialaccount.SocialAccount", "uid extra_data", "personal", FORGET),
    ("socialaccount.SocialToken", "token token_secret", "secret", "helmdesk.people.sessions.end_tokens"),
)

# Tables that are no models: the search index, and the framework's own.
TABLES: Final[tuple[tuple[str, Holds, str], ...]] = (
    ("helmdesk_search", "personal", "helmdesk.tickets.search.index.reindex"),
    ("helmdesk_search_fts", "personal", "helmdesk.tickets.scrubbing.scrub"),
    ("helmdesk_search_fts_config", "none", "settings of the index"),
    ("helmdesk_search_fts_data", "personal", "helmdesk.tickets.scrubbing.scrub"),
    ("helmdesk_search_fts_docsize", "none", "numbers"),
    ("helmdesk_search_fts_idx", "personal", "helmdesk.tickets.scrubbing.scrub"),
    ("django_migrations", "none", "names of migrations"),
)


def declared() -> Iterator[Copy]:
    """Every line of the register, one a field or table."""
    for model, fields, holds, how in FIELDS:
        for field in fields.split():
            yield Copy(f"{model}.{field}", holds, how)
    for table, holds, how in TABLES:
        yield Copy(table, holds, how)


def present() -> set[str]:
    """Every field of every model that can hold a text: ours and those of what we build on."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if isinstance(field, TEXTUAL)
    }
