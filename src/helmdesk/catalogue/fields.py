"""Own fields: which ones there are now, what a value must be, and what is still missing."""

from datetime import date
from typing import Any

from helmdesk.catalogue.models import OwnField
from helmdesk.foundation.errors import shown


class BadFieldValue(ValueError):
    """A value that an own field cannot hold; says which, and what it can."""

    def __init__(self, code: str, value: object, cure: str) -> None:
        super().__init__(f"{code}: {shown(value)} cannot be stored. {cure}")
        self.code, self.value, self.cure = code, value, cure


def current_fields() -> dict[str, OwnField]:
    """The newest version of every own field that is in use, by code."""
    newest = {field.code: field for field in OwnField.objects.order_by("code", "version")}
    return {code: field for code, field in newest.items() if field.active}


def missing_before_resolution(values: dict[str, Any]) -> list[str]:
    """Codes of the fields that a ticket needs before it can be resolved and does not have."""
    needed = [code for code, field in current_fields().items() if field.required_to_resolve]
    return sorted(code for code in needed if values.get(code) in (None, ""))


def checked(field: OwnField, value: object) -> Any:
    """The value as it is stored: str, int, ISO date, choice or bool. Raises BadFieldValue."""
    text = str(value).strip() if value is not None else ""
    if text == "":
        return None
    if field.kind == OwnField.Kind.NUMBER:
        if not text.removeprefix("-").isdecimal() or len(text) > 15:
            raise BadFieldValue(field.code, value, "Give a whole number of at most 15 digits.")
        return int(text)
    if field.kind == OwnField.Kind.DATE:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise BadFieldValue(field.code, value, "Give a date as YYYY-MM-DD.") from error
    if field.kind == OwnField.Kind.CHOICE:
        if text not in field.choices:
            raise BadFieldValue(field.code, value, f"One of: {', '.join(field.choices)}.")
        return text
    if field.kind == OwnField.Kind.YES_NO:
        return _yes_or_no(field, text)
    if len(text) > 2000:
        raise BadFieldValue(field.code, f"{text[:40]}…", "At most 2000 characters.")
    return text


def _yes_or_no(field: OwnField, text: str) -> bool:
    if text.lower() in ("yes", "true", "1", "on"):
        return True
    if text.lower() in ("no", "false", "0", "off"):
        return False
    raise BadFieldValue(field.code, text, "Yes or no.")
