"""The walk and its slow twin tell the same turns of any ticket, by any level; holders tile a ticket's life."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.clocks.levels import Level
from helmdesk.clocks.steps import Exclusion, Recorded, steps
from helmdesk.clocks.ticket import Holding, holdings, turns
from helmdesk.history.fold import Event, intervals
from tests.clocks.lives import (
    CALENDARS,
    HOUR,
    OPENED,
    PROVIDERS,
    calendar_called,
    exclusions,
    levels,
    lives,
    open_minutes,
)
from tests.clocks.twin import Twin
from tests.history.lives import lives as observed_lives
from tests.thoroughness import examples


@settings(max_examples=examples(120), deadline=None)
@given(lives(), levels(), st.sampled_from(sorted(CALENDARS)), exclusions(), st.sampled_from([0, 1, 30]))
def test_the_walk_tells_what_its_twin_tells(
    life: list[Recorded], level: Level, calendar: str, excluded: list[tuple[int, int]], later: int
) -> None:
    now = life[-1].at + later * HOUR
    told = steps(life, public={1}, opened=OPENED)
    told.exclusions = [Exclusion(start, end, level.code) for start, end in excluded]
    walked = turns(told, [(level, calendar_called(calendar))], provider_of=PROVIDERS, group=4, now=now)
    twin = Twin(
        level, open_minutes(calendar).__contains__, provider_of=PROVIDERS, group=4, exclusions=excluded, opened=OPENED
    )
    assert walked == twin.turns(life, now)


@settings(max_examples=examples(120), deadline=None)
@given(lives())
def test_holders_tile_the_life_as_history_does(life: list[Recorded]) -> None:
    life = [event for event in life if event.kind != "wait.judged"]
    found = holdings(steps(life))
    assert found == joined(life)


@settings(max_examples=examples(60), deadline=None)
@given(observed_lives())
def test_all_holders_time_and_rest_add_up_to_the_microsecond(life: list[Event]) -> None:
    told = [Recorded(event.n, event.kind, event.at, event.what) for event in life]
    found, spans = holdings(steps(told)), intervals(life)
    assert found == joined(told)
    until = life[-1].at + 1
    ends = [until if one.end is None else one.end for one in found]
    whole = [until if one.end is None else one.end for one in spans]
    assert sum(end - one.start for one, end in zip(found, ends, strict=True)) == (
        max(whole) - life[0].at if whole else 0
    )


def joined(life: list[Recorded]) -> list[Holding]:
    """history's spans, without the assignee that tells some of them apart."""
    out: list[Holding] = []
    for span in intervals(Event(event.n, event.kind, event.at, event.what) for event in life):
        one = Holding(span.holder_kind, span.holder_id, span.start, span.end, span.wait_kind)
        if out and (out[-1].party_kind, out[-1].party, out[-1].wait) == (one.party_kind, one.party, one.wait):
            out[-1] = Holding(one.party_kind, one.party, out[-1].start, one.end, one.wait)
        else:
            out.append(one)
    return out
