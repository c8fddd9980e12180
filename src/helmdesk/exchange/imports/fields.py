"""Own fields that a source fills: defined where the desk has none of that code, else filled as they are defined."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helmdesk.catalogue.definitions import FieldEntry, define_field
from helmdesk.catalogue.fields import BadFieldValue, checked, current_fields
from helmdesk.catalogue.models import OwnField
from helmdesk.exchange.imports.errors import CannotImport
from helmdesk.foundation.entries import checked_code
from helmdesk.foundation.errors import BadEntry
from helmdesk.history.mapping import folded
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.texts import Draft
from helmdesk.tickets.conversation import draft


class Fields:
    """Values of own fields as events hold them: free texts beside the ledger, choices and numbers in it."""

    def __init__(self, statuses: frozenset[str]) -> None:
        self.statuses = statuses
        self.defined = current_fields()
        self.strict = [code for code, field in self.defined.items() if field.kind != OwnField.Kind.TEXT]

    def fault(self, code: str, text: str) -> str | None:
        """What to do about a value that a strict field cannot hold, or None."""
        try:
            checked(self.defined[code], text)
        except BadFieldValue as bad:
            return bad.cure
        return None

    def told(self, code: str, text: str | None, *, requester: int | None, names: list[str]) -> tuple[Any, Draft | None]:
        """The value that the event holds, and the words that it commits to instead."""
        field = self.defined.get(code)
        if text is None:
            return None, None
        elif field is not None and field.kind != OwnField.Kind.TEXT:
            return checked(field, text), None
        elif field is not None and field.personal:
            return None, Draft(text, "field", requester, masked="[…]")
        else:
            return None, draft(text, "field", owner=None, known=names)

    def status(self, text: str | None) -> Any:
        """A status that the mapping names may stand in an event; any other could be free text."""
        return text if text is not None and folded(text) in self.statuses else None


def must_be_codes(fields: Mapping[str, str]) -> None:
    """Raises CannotImport."""
    for code in fields:
        try:
            checked_code(code, longest=60)
        except BadEntry as bad:
            raise CannotImport(f"fields.{code}: cannot be a code here. {bad.cure}") from bad


def define(fields: Mapping[str, str], *, by: Stamp, at: datetime) -> None:
    """Defines those that the desk has never had."""
    had = set(OwnField.objects.values_list("code", flat=True))
    for code, name in fields.items():
        if code not in had:
            define_field(code, FieldEntry(name=name, searchable=True), by=by, at=at)
