"""Public holidays of a country or a part of it, year by year, as the library `holidays` has them today.

The library is loaded where it is asked: a server that publishes no calendar is smaller without it.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Final

from helmdesk.foundation.errors import BadEntry

LONGEST_NAME: Final = 120
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100


def days(country: str, subdivision: str, *, language: str, years: Iterable[int]) -> dict[date, str]:
    """Each holiday by its day, with its name; several on one day are named together. Raises BadEntry."""
    import holidays

    checked_place(country, subdivision)
    try:
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=list(years), language=spoken(country, language)
        )
    except (NotImplementedError, ValueError) as error:
        raise BadEntry("holidays", country, f"Its holidays cannot be read: {error}.") from error
    return {day: name[:LONGEST_NAME] for day, name in sorted(found.items())}


def checked_place(country: str, subdivision: str) -> None:
    if country not in countries():
        raise BadEntry("holidays", country, "Give a country by its two letters, such as AT, DE or ES.")
    parts = countries()[country]
    if subdivision and subdivision not in parts:
        cure = f"One of: {', '.join(parts)}." if parts else f"{country} has no parts; leave it out."
        raise BadEntry("subdivision", subdivision, cure)


@cache
def countries() -> dict[str, list[str]]:
    """Countries by their two letters, and the parts of each."""
    from holidays.utils import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    return {code: list(parts) for code, parts in sorted(known.items()) if len(code) == 2}


@cache
def names() -> dict[str, str]:
    """Countries by their two letters, with their English names."""
    from holidays.registry import COUNTRIES

    told = {letters[1]: letters[0] for letters in COUNTRIES.values()}
    return {code: _apart(told.get(code, code)) for code in countries()}


def _apart(name: str) -> str:
    """ "UnitedKingdom" as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def spoken(country: str, language: str) -> str | None:
    """The library's name of a language for a country's holidays; None for the country's own."""
    import holidays

    offered = holidays.country_holidays(country).supported_languages
    return next((one for one in offered if one.partition("_")[0] == language), None) if language else None


def span(first: int, last: int) -> range:
    """The years from one to another, both included. Raises BadEntry."""
    if not FIRST_YEAR <= first <= last <= LAST_YEAR:
        cure = f"From one year to the same or a later one, within {FIRST_YEAR} to {LAST_YEAR}."
        raise BadEntry("years", f"{first}-{last}", cure)
    return range(first, last + 1)
