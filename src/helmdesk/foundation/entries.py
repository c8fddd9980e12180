"""What an entry must be: names, codes, time zones, languages, e-mail addresses, telephone numbers."""

import re
import unicodedata
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from helmdesk.foundation.errors import BadEntry

_CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,4})?")
_PHONE = re.compile(r"\+?[\d ()/.\-]{3,40}(?: ?(?:x|ext\.?) ?\d{1,6})?", re.IGNORECASE)


def checked_code(value: str, *, longest: int = 40, field: str = "code") -> str:
    """The short name by which files, rules and events know an entry; it never changes."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise BadEntry(field, value, "Small letters a to z, digits, and single - or _ between them.")
    if len(value) > longest:
        raise BadEntry(field, value, f"At most {longest} characters.")
    return value


def checked_name(value: str, *, longest: int, field: str = "name") -> str:
    """A name that people can read: one line, composed, nothing hidden in it. Empty is refused."""
    name = optional_name(value, longest=longest, field=field)
    if not name:
        raise BadEntry(field, value, "Give a name.")
    return name


def optional_name(value: str, *, longest: int, field: str) -> str:
    if not isinstance(value, str):
        raise BadEntry(field, value, "Give a text.")
    name = " ".join(unicodedata.normalize("NFC", value).split())
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") for letter in name):
        raise BadEntry(field, value, "It holds signs that cannot be shown; type it anew.")
    if len(name) > longest:
        raise BadEntry(field, value, f"At most {longest} characters; it has {len(name)}.")
    return "" if all(unicodedata.category(letter) == "Cf" for letter in name) else name


def checked_words(value: str | Mapping[str, str], *, longest: int = 120, field: str = "name") -> dict[str, str]:
    """A name in several languages, `{language: text}`; a plain text counts as English."""
    if isinstance(value, str):
        value = {"en": value}
    if not isinstance(value, Mapping) or not value:
        raise BadEntry(field, value, 'Give a name, or one for each language: {en = "…", de = "…"}.')
    return {
        checked_language(language, field=f"{field}.language"): checked_name(text, longest=longest, field=field)
        for language, text in value.items()
    }


def checked_zone(value: str, *, field: str = "zone") -> str:
    try:
        ZoneInfo(value)
    except (LookupError, ValueError, OSError, TypeError) as error:
        raise BadEntry(field, value, "Give a time zone by its name, such as Europe/Berlin.") from error
    return value


def checked_language(value: str, *, field: str = "language") -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value.lower()):
        raise BadEntry(field, value, "Give a language by its short name, such as en, de or es.")
    return value.lower()


def checked_email(value: str, *, field: str = "email") -> str:
    """An e-mail address as it is shown and written to."""
    address = unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadEntry(field, value, "Give an e-mail address such as ana@company.example.") from error
    if len(address) > 254:
        raise BadEntry(field, value, "At most 254 characters.")
    return address


def folded_email(address: str) -> str:
    """What two spellings of one address have in common; one person only may have it."""
    return unicodedata.normalize("NFKC", address.strip()).casefold()[:254]


def checked_phone(value: str, *, field: str = "phone") -> str:
    number = " ".join(value.split()) if isinstance(value, str) else ""
    if not _PHONE.fullmatch(number):
        raise BadEntry(field, value, "Give a number such as +49 30 123456.")
    return number


def folded_phone(number: str) -> str:
    """Its digits, with the plus of an international one."""
    return ("+" if number.startswith("+") else "") + re.sub(r"\D", "", number)
