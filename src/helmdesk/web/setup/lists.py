"""Lists of what is set up: narrowed by a word, a hundred at a time, in the order of their short names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from helmdesk.web.visitor import Request

PAGE: Final = 100
LONGEST: Final = 100


class Row(NamedTuple):
    """One entry as a list shows it; `off` once it is no longer in use, `hue` where it is a party."""

    address: str
    name: str
    about: Sequence[str | Promise]
    off: bool = False
    hue: int | None = None
    within: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a list: its rows, what it was narrowed by, and the address of the next part."""

    rows: list[Any]
    typed: str = ""
    more: str = ""
    first: str = ""
    kept: dict[str, str] = field(default_factory=dict)


def cut(request: Request, rows: QuerySet[Any], *, named: tuple[str, ...] = ("name",), key: str = "code") -> Cut:
    """The rows that fit what was typed, after the one that the address names, by their unique `key`."""
    typed = clean(request.GET.get("q", ""))
    if typed:
        fits = Q(**{f"{key}__icontains": typed})
        for name in named:
            fits |= Q(**{f"{name}__icontains": typed})
        rows = rows.filter(fits)
    after = clean(request.GET.get("after", ""))
    later = rows.filter(**{f"{key}__gt": after}) if after else rows
    found = list(later.order_by(key)[: PAGE + 1])
    kept = {"q": typed} if typed else {}
    more = "?" + urlencode({**kept, "after": getattr(found[PAGE - 1], key)}) if len(found) > PAGE else ""
    return Cut(found[:PAGE], typed, more, "?" + urlencode(kept) if after else "", kept)


def clean(typed: str) -> str:
    """What a database may be asked for."""
    return "".join(letter for letter in typed[:LONGEST] if letter.isprintable()).strip()


def spoken() -> tuple[str, ...]:
    """Where to look for a name in the desk's languages."""
    return tuple(f"name__{code}" for code, _language in settings.HELMDESK_LANGUAGES)
