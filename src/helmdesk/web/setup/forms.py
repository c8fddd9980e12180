"""Forms that lose nothing: what was typed stays, what is wrong is said at its field, and what changed meanwhile."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.door import locked_head
from helmdesk.tickets.refusals import NotThere, Refused

type Words = str | Promise
type Options = list[tuple[str | int, Words]]
type Values = dict[str, Any]

LONGEST_NUMBER: Final = 18
LABELS: Final[dict[str, Words]] = {
    "name": gettext_lazy("Name"),
    "name_en": gettext_lazy("Name (English)"),
    "name_de": gettext_lazy("Name (German)"),
    "name_es": gettext_lazy("Name (Spanish)"),
    "code": gettext_lazy("Short name"),
    "title": gettext_lazy("What they do"),
    "language": gettext_lazy("Language"),
    "zone": gettext_lazy("Time zone"),
    "department": gettext_lazy("Department"),
    "site": gettext_lazy("Site"),
    "external_ref": gettext_lazy("Number elsewhere"),
    "legal_entity": gettext_lazy("Legal entity"),
    "email": gettext_lazy("E-mail address"),
    "phone": gettext_lazy("Telephone"),
    "until": gettext_lazy("Until"),
    "into": gettext_lazy("The other record"),
    "reason": gettext_lazy("Reason"),
    "typed_name": gettext_lazy("Name, typed again"),
    "permissions": gettext_lazy("What it allows"),
    "kind": gettext_lazy("Kind"),
    "hue": gettext_lazy("Colour"),
    "fallback_team": gettext_lazy("Who takes over"),
    "active": gettext_lazy("In use"),
    "triage": gettext_lazy("Gets new tickets"),
    "provider": gettext_lazy("Provider"),
    "team": gettext_lazy("Team"),
    "teams": gettext_lazy("Teams"),
    "roles": gettext_lazy("Roles"),
    "services": gettext_lazy("Services"),
    "sites": pgettext_lazy("of a company", "Sites"),
    "categories": gettext_lazy("Categories"),
    "confidential": gettext_lazy("Confidential tickets"),
    "personal_data": gettext_lazy("Personal data"),
    "ends_at": gettext_lazy("Until"),
    "criticality": gettext_lazy("If it stops"),
    "hour_cost": gettext_lazy("An hour without it costs"),
    "currency": gettext_lazy("Currency"),
    "owner_department": gettext_lazy("Belongs to"),
    "parent": gettext_lazy("Part of"),
    "choices": gettext_lazy("Choices"),
    "required_to_resolve": gettext_lazy("Needed before a ticket is solved"),
    "personal": gettext_lazy("Personal"),
    "searchable": gettext_lazy("Found by search"),
    "file": gettext_lazy("CSV file"),
    "incident": gettext_lazy("What broke"),
    "request": gettext_lazy("What is wanted"),
    "version": gettext_lazy("Level"),
    "hours": gettext_lazy("Time counts by"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "by": gettext_lazy("Split by"),
    "beside": gettext_lazy("Beside it"),
    "metric": gettext_lazy("What is promised"),
    "binds": gettext_lazy("Whose promise"),
    "calendar": gettext_lazy("Time counts by"),
    "valid_from": gettext_lazy("From"),
    "warn_at": gettext_lazy("Warn when so much is used"),
    "form_share": gettext_lazy("Share in time"),
    "form_p": gettext_lazy("Percentile"),
    "form_within": gettext_lazy("Time"),
}  # fmt: skip


class Form:
    """One form as it is shown: values by field, choices of its lists, and what was wrong when it came back.

    `shown` tells by a digest what the form was made from; it goes out with the form and comes back with it.
    """

    def __init__(
        self, values: Values, *, choices: Mapping[str, Options] | None = None, alias: Mapping[str, str] | None = None,
        shown: str = "",
    ) -> None:  # fmt: skip
        self.values = values
        self.choices = dict(choices or {})
        self.alias = dict(alias or {})
        self.shown = shown or digest(values)
        self.errors: dict[str, str] = {}
        self.trouble: str = ""
        self.cure: str = ""
        self.meanwhile: list[tuple[Words, str]] = []
        self.status = 200

    @classmethod
    def typed(
        cls, request: HttpRequest, *, lists: Iterable[str] = (), choices: Mapping[str, Options] | None = None,
        alias: Mapping[str, str] | None = None, fields: Iterable[str] = (),
    ) -> "Form":  # fmt: skip
        """What somebody sent. Fields in `lists` may have several values, those in `fields` are on the form though
        nothing came of them, `alias` says where an error belongs.
        """
        values: Values = {name: request.POST.get(name, "") for name in request.POST if name != "csrfmiddlewaretoken"}
        values = {**dict.fromkeys(fields, ""), **values, **{name: request.POST.getlist(name) for name in lists}}
        return cls(values, choices=choices, alias=alias, shown=str(values.pop("shown", "")) or "none")

    def label(self, name: str) -> Words:
        return LABELS.get(name, name)

    @property
    def failed(self) -> bool:
        return self.status != 200

    @contextmanager
    def saving(self) -> Iterator[None]:
        """One transaction: all of what is done within is saved, or nothing, and the form says why."""
        with self.checking(), transaction.atomic():
            yield

    def must_still_be(self, now: Callable[[], Values]) -> None:
        """Within `saving`: nothing is done when the values as they are now are not those the form was made from."""
        locked_head()
        values = now()
        if digest(values) != self.shown:
            self.overtaken(values)

    @contextmanager
    def checking(self) -> Iterator[None]:
        """What is refused within is said by the form."""
        try:
            yield
        except BadEntry as bad:
            self.refuse(bad.field, bad.value, bad.cure)
        except NotThere:
            raise
        except Refused as refused:
            self.status, self.trouble, self.cure = 422 if refused.field else 409, refused.message, refused.cure
        except Meanwhile:
            self.status = 409

    def refuse(self, field: str, value: object, cure: str) -> None:
        """Says what is wrong at its field; above the form where the field is not on it."""
        said = _("“%(value)s” cannot be used. %(cure)s") % {"value": _short(value), "cure": cure}
        words = cure if value in (None, "", [], {}) else said
        near = (self.alias.get(field, field), field.partition(".")[0], f"{field}_en")
        name = next((name for name in near if name in self.values), None)
        self.status = 422
        if name is None:
            self.trouble = words
        else:
            self.errors[name] = words

    def overtaken(self, values: Values) -> None:
        """Notes how things are now, so that saving once more is done knowingly. Raises Meanwhile."""
        self.shown = digest(values)
        self.meanwhile = [
            (LABELS.get(name, name), self._in_words(name, value))
            for name, value in values.items()
            if _comparable(value) != _comparable(self.values.get(name, ""))
        ]
        raise Meanwhile

    def _in_words(self, name: str, value: object) -> str:
        known = {str(key): str(words) for key, words in self.choices.get(name, [])}
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        elif isinstance(value, list | tuple | set | frozenset):
            return ", ".join(known.get(str(one), str(one)) for one in value) or _("none")
        elif value in (None, ""):
            return _("nothing")
        else:
            return known.get(str(value), str(value))

    # --- what was typed, read as what it must be ---

    def text(self, name: str) -> str:
        value = str(self.values.get(name) or "").strip()
        if "\x00" in value:
            raise BadEntry(name, value.replace("\x00", "␀"), _("It holds signs that cannot be shown; type it anew."))
        return value

    def ticked(self, name: str) -> bool:
        return bool(self.values.get(name))

    def whole(self, name: str) -> int:
        return number(name, self.text(name))

    def chosen(self, name: str) -> int | None:
        """The id that was chosen in a list, or None for nothing."""
        value = self.text(name)
        return number(name, value) if value else None

    def all_chosen(self, name: str) -> list[int]:
        return [number(name, str(value)) for value in self.values.get(name) or []]

    def all_texts(self, name: str) -> list[str]:
        return [str(value) for value in self.values.get(name) or []]

    def names(self, kept: Mapping[str, str] | None = None) -> dict[str, str]:
        """A name in the desk's languages; those in others stay as they are."""
        spoken = dict(settings.HELMDESK_LANGUAGES)
        others = {code: text for code, text in (kept or {}).items() if code not in spoken}
        typed = {code: self.text(f"name_{code}") for code in spoken}
        return {**{code: text for code, text in typed.items() if text}, **others}

    def day(self, name: str) -> date | None:
        value = self.text(name)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise BadEntry(name, value, _("Give a date as YYYY-MM-DD.")) from error

    def end_of_day(self, name: str) -> datetime | None:
        """The end of the day that was given, in the reader's zone."""
        day = self.day(name)
        if day is None:
            return None
        try:
            after = datetime.combine(day + timedelta(days=1), time.min, tzinfo=timezone.get_current_timezone())
            return after.astimezone(UTC)
        except (OverflowError, ValueError) as error:
            raise BadEntry(name, day.isoformat(), _("Give a date as YYYY-MM-DD.")) from error


class Meanwhile(Exception):
    """Somebody else changed what a form was made from."""


def digest(values: Values) -> str:
    """Tells by a few signs whether two sets of values are the same."""
    return sha256(json.dumps(_comparable(values), sort_keys=True).encode()).hexdigest()[:16]


def number(name: str, value: str) -> int:
    """A whole number that a database can hold."""
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER):
        raise BadEntry(name, _short(value), _("Choose one of the list, or give a whole number."))
    return int(sign + digits)


def names_shown(names: Mapping[str, str]) -> Values:
    """The fields of a name in the desk's languages."""
    return {f"name_{code}": names.get(code, "") for code, _language in settings.HELMDESK_LANGUAGES}


def last_day(instant: datetime | None) -> str:
    """The last day before an instant, in the reader's zone, as a date field shows it."""
    if instant is None:
        return ""
    return timezone.localtime(instant - timedelta(microseconds=1)).date().isoformat()


def _comparable(value: object) -> object:
    """The same for a value and for what a form sends of it."""
    if isinstance(value, Mapping):
        return {str(key): _comparable(one) for key, one in value.items()}
    elif isinstance(value, list | tuple | set | frozenset):
        return sorted(str(one) for one in value)
    elif value in (None, False, ""):
        return ""
    elif value is True:
        return "on"
    else:
        return str(value)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
