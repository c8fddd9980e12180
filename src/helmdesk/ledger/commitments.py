"""Opens every commitment of the ledger: each text that an event names is there as it was, or was forgotten."""

from collections.abc import Iterator
from typing import Any

import msgspec

from helmdesk.ledger.links import WINDOW, Fault, stream_name
from helmdesk.ledger.models import Event, Text
from helmdesk.ledger.texts import opens

_decode = msgspec.json.Decoder().decode

type Place = tuple[int, str]
type Committed = tuple[Place, dict[str, Any]]


def unopened(last: int) -> Iterator[Fault]:
    """Commitments up to event `last` whose text is gone or is another one. Reads every text."""
    for start in range(1, last + 1, WINDOW):
        rows = Event.objects.filter(seq__range=(start, min(start + WINDOW - 1, last)), body__contains='"c":"')
        committed = [found for row in rows.order_by("seq") for found in _commitments(row)]
        texts = _texts({what["t"] for _, what in committed})
        for place, what in committed:
            fault = _fault_of(what, texts.get((what["t"], what["rev"])))
            if fault is not None:
                yield Fault(*place, "text", fault)


def _commitments(event: Event) -> Iterator[Committed]:
    place = event.seq, stream_name(event.stream, event.stream_id)
    for value in _decode(event.body)["what"].values():
        if isinstance(value, dict) and value.keys() == {"t", "rev", "len", "c"}:
            yield place, value


def _texts(roots: set[int]) -> dict[tuple[int, int], Text]:
    """Every revision of these texts, by id of the first and number."""
    found: dict[tuple[int, int], Text] = {}
    ids = sorted(roots)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        for text in [*Text.objects.filter(pk__in=some), *Text.objects.filter(root__in=some)]:
            found[text.root_id or text.pk, text.rev] = text
    return found


def _fault_of(what: dict[str, Any], text: Text | None) -> str | None:
    name = f"revision {what['rev']} of text {what['t']}"
    if text is None:
        return f"{name} is missing; a forgotten one would leave its row"
    elif opens(text, what) is False and what["c"]:
        return f"{name} is not what was committed to: it was changed"
    else:
        return None
