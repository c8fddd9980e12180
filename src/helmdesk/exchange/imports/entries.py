"""Names that a source uses become entries of this desk: found as they are, or made, in bulk, with their events."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from django.db import models

from helmdesk.catalogue.models import Category, Service
from helmdesk.exchange.models import ImportedName
from helmdesk.foundation.rows import reserve
from helmdesk.ledger.changing import CONFIG
from helmdesk.ledger.door import Entry
from helmdesk.ledger.models import Stream
from helmdesk.people.models import Address, Person, Site
from helmdesk.providers.models import Membership, Provider, Team, TeamMembership
from helmdesk.tickets.models import ThirdParty

# What another row refers to comes first.
ORDER: Final[tuple[type[models.Model], ...]] = (
    Provider, Team, Person, Address, Membership, TeamMembership, Site, Service, Category, ThirdParty, ImportedName,
)  # fmt: skip
AT_ONCE: Final = 64
LONGEST: Final = 250


@lru_cache(65_536)
def key(name: str) -> str:
    """What two spellings of one name have in common."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def slug(name: str, *, longest: int) -> str:
    """A name as a code: a to z, digits, single hyphens; empty where nothing of it can be written so."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-")


def reserved(model: type[models.Model]) -> Iterator[int]:
    """Ids of a table, taken some at a time; within a transaction that writes."""
    while True:
        yield from reserve(model, AT_ONCE)


def imagined(model: type[models.Model]) -> Iterator[int]:
    """Ids that nothing has, for a dry run."""
    yield from range(-1, -(2**62), -1)


class Register:
    """Rows about to be made, under ids that hold already, and the events that tell of them."""

    def __init__(self, ids: Callable[[type[models.Model]], Iterator[int]] = reserved) -> None:
        self._ids = {model: ids(model) for model in ORDER}
        self._rows: dict[type[models.Model], list[models.Model]] = {model: [] for model in ORDER}
        self._places: dict[int, int] = {}
        self.entries: list[Entry] = []
        self.made: dict[str, int] = {}
        self.written: dict[str, int] = {}
        self.renamed: list[tuple[str, str, str, int]] = []

    def add[M: models.Model](self, row: M) -> M:
        """A row on its way; it has its id from now on."""
        row.pk = next(self._ids[type(row)])
        self._rows[type(row)].append(row)
        name = str(type(row)._meta.verbose_name)
        self.made[name] = self.made.get(name, 0) + 1
        return row

    def tell(
        self, kind: str, what: dict[str, Any], *, person: int | None = None, provider: int | None = None,
        fresh: bool = False,
    ) -> None:  # fmt: skip
        """An event in `config`, and the same in the stream of the person or provider; `fresh`: the person's first."""
        self.entries.append(Entry(Stream.CONFIG, CONFIG, kind, what))
        if person is not None:
            if fresh:
                self._places[person] = 0
            n = self._places.get(person)
            if n is not None:
                n = self._places[person] = n + 1
            self.entries.append(Entry(Stream.PERSON, person, kind, what, n=n))
        if provider is not None:
            self.entries.append(Entry(Stream.PROVIDER, provider, kind, what))

    def drop(self) -> None:
        """In a dry run: nothing of this will be written."""
        for rows in self._rows.values():
            rows.clear()
        self.entries.clear()
        self.renamed.clear()
        self._places.clear()

    def write(self) -> list[Entry]:
        """Writes the rows; returns the events, which are appended after every other lock was taken."""
        for model, rows in self._rows.items():
            model._default_manager.bulk_create(rows, batch_size=500)
            rows.clear()
        for source, kind, name, target in self.renamed:
            ImportedName.objects.filter(source=source, kind=kind, name=name).update(target=target)
        self.renamed.clear()
        self.written = dict(self.made)
        entries, self.entries = self.entries, []
        self._places.clear()
        return entries


class Codes:
    """Codes of a table, each given once."""

    def __init__(self, model: type[models.Model], longest: int) -> None:
        self.longest = longest
        self._taken = set(model._default_manager.values_list("code", flat=True))
        self._otherwise = str(model._meta.verbose_name).replace(" ", "-")

    def fresh(self, name: str) -> str:
        stem = slug(name, longest=self.longest - 7) or self._otherwise
        code, n = stem, 1
        while code in self._taken:
            n += 1
            code = f"{stem}-{n}"
        self._taken.add(code)
        return code


class Meanings:
    """What the names of one kind stand for: what the source's name has meant before, the one entry that bears it, or
    a new one. Where several bear it none is guessed, and an entry of its own is made.
    """

    def __init__(self, source: str, kind: str, register: Register) -> None:
        self.source, self.kind, self.register = source, kind, register
        remembered = ImportedName.objects.filter(source=source, kind=kind).values_list("name", "target")
        self._meant: dict[str, int] = dict(remembered)
        self._bearers: dict[str, set[int]] = {}

    def borne(self, pk: int, names: Iterable[str], *, within: str = "") -> None:
        """An entry that is here, with every name it goes by."""
        for name in names:
            self._bearers.setdefault(_filed(name, within), set()).add(pk)

    def of(self, name: str, make: Callable[[], int], *, within: str = "") -> int:
        """The id that the name stands for; `make` writes a new entry and returns its id."""
        filed = _filed(name, within)
        if filed not in self._meant:
            bearers = self._bearers.get(filed, ())
            self._remember(filed, next(iter(bearers)) if len(bearers) == 1 else make())
        return self._meant[filed]

    def means(self, name: str, pk: int) -> None:
        """From now on the name stands for this."""
        filed = _filed(name, "")
        if filed not in self._meant:
            self._remember(filed, pk)
        elif self._meant[filed] != pk:
            self._meant[filed] = pk
            self.register.renamed.append((self.source, self.kind, filed, pk))

    def _remember(self, filed: str, pk: int) -> None:
        self._meant[filed] = pk
        self.register.add(ImportedName(source=self.source, kind=self.kind, name=filed, target=pk))


def _filed(name: str, within: str) -> str:
    """The name as it is remembered, no longer than its column."""
    whole = within + key(name)
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - 33]}#{blake2b(whole.encode(), digest_size=16).hexdigest()}"
