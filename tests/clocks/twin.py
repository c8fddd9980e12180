"""The slow, obvious twin of the walk: objects, copies and one minute after another, on the fold of history.

Everything must happen on whole minutes. It asks the calendar only whether a minute is open.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helmdesk.clocks.levels import Binds, Level, Metric, Then, Until
from helmdesk.clocks.steps import Recorded
from helmdesk.clocks.turns import Turn, Verdict
from tests.clocks.views import PASSES, View, human, views

MINUTE = 60_000_000
HORIZON = 60 * 24 * 60
RESPONSES = {Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE}


@dataclass
class Running:
    """A turn under way."""

    start: int
    own_start: int
    target: int | None
    row: int | None
    used: int = 0
    joined: int = 0
    reached: int | None = None


@dataclass
class Memory:
    """All that changes: copied as a whole when the ball is offered."""

    turn: Running | None = None
    last: Running | None = None
    finished: list[Turn] = field(default_factory=list)
    shown: bool = False
    occasion: bool = False
    over: bool = False
    rests: bool = False


class Twin:
    """One level on one ticket."""

    def __init__(
        self, level: Level, calendar: Any, *, provider_of: Mapping[int, int], group: int | None,
        exclusions: list[tuple[int, int]], opened: Mapping[int, int],
    ) -> None:  # fmt: skip
        self.level, self.calendar, self.provider_of, self.group = level, calendar, provider_of, group
        self.exclusions, self.opened = exclusions, opened
        self.pauses = {pause.wait: pause.cap for pause in level.pauses}
        self.caps: dict[int, int] = {}
        self.m = Memory()
        self.offer: Memory | None = None
        self.offered_at = 0
        self.away = 0
        self.merged_on = False
        self.answered = False
        self.asked_at: int | None = None
        self.sources: set[int] = set()
        self.held = True
        self.view = View()
        self.before = View()
        self.now = 0

    def turns(self, events: list[Recorded], now: int) -> list[Turn]:
        told = views(events)
        for minute in range(events[0].at, now + MINUTE, MINUTE):
            self.now = minute
            here = [(event, view) for event, view in told if event.at == minute]
            for event, view in here:
                self.before, self.view = self.view, view
                self.happens(event)
            if here:
                self.instant_ends()
            if minute < now:
                self.minute_passes()
        turn = self.m.turn
        if turn is not None and turn.target is not None:
            self.m.finished.append(self.unfinished(turn))
        return self.m.finished

    # Time

    def works(self, minute: int) -> bool:
        return bool(self.calendar(minute)) and not self.excluded(minute)

    def excluded(self, minute: int) -> bool:
        return any(start <= minute < end for start, end in self.exclusions)

    def paused(self) -> bool:
        if self.view.wait not in self.pauses:
            return False
        cap = self.pauses[self.view.wait]
        return cap is None or self.caps.get(self.view.wait_n, cap) > 0

    def minute_passes(self) -> None:
        turn = self.m.turn
        runs = turn is not None and self.runs()
        lent = self.offer is not None and self.view.phase == "open" and self.view.holder == ("team", self.view.team)
        if not (runs or lent) or not self.works(self.now):
            return
        if self.paused():
            cap = self.pauses[self.view.wait or ""]
            if cap is not None:
                self.caps[self.view.wait_n] = self.caps.get(self.view.wait_n, cap) - MINUTE
            return
        self.away += MINUTE
        if turn is not None and runs:
            turn.used += MINUTE
            if turn.target is not None and turn.used >= turn.target and turn.reached is None:
                turn.reached = self.now + MINUTE

    def runs(self) -> bool:
        if self.level.binds == Binds.REQUESTER:
            return self.view.phase == "open" or (self.view.phase == "resolved" and self.until_closed())
        return self.view.phase == "open" and self.has_ball(self.view)

    def until_closed(self) -> bool:
        return self.level.metric == Metric.RESOLUTION and self.level.until == Until.CLOSED

    # Parties

    def has_ball(self, view: View) -> bool:
        kind, holder = view.holder
        if kind != "team" or holder is None:
            return False
        mine = {Binds.REQUESTER: None, Binds.TEAM: holder, Binds.PROVIDER: self.provider_of.get(holder)}
        return mine[self.level.binds] == self.level.party

    def party(self, view: View) -> int | None:
        if view.team is None or self.level.binds == Binds.TEAM:
            return view.team
        return self.provider_of.get(view.team)

    def is_ours(self, view: View) -> bool:
        return self.level.binds != Binds.REQUESTER and self.party(view) == self.level.party

    # Targets

    def choose(self, view: View) -> tuple[int | None, int | None]:
        provider = None if view.team is None else self.provider_of.get(view.team)
        for n, t in enumerate(self.level.targets):
            pairs = [
                (t.priorities, view.priority), (t.services, view.service), (t.categories, view.category),
                (t.sites, view.site), (t.providers, provider), (t.groups, self.group), (t.types, view.type),
            ]  # fmt: skip
            if all(wanted is None or value in wanted for wanted, value in pairs):
                return n, t.within
        return None, None

    # Turns

    def begin(self, view: View) -> None:
        row, target = self.choose(view)
        self.m.turn = Running(self.now, self.now, target, row)
        self.m.rests = False

    def stop(self, why: str, verdict: Verdict | None = Verdict.MET, *, even_late: bool = False) -> None:
        """`verdict` of what is not late; what is late is missed, unless `even_late`."""
        turn = self.m.turn
        assert turn is not None
        if self.now > self.offered_at:
            self.offer = None
        self.m.turn, self.m.last, self.m.rests, self.m.shown = None, turn, False, turn.target is not None
        if turn.target is None:
            return
        late = turn.used > turn.target and not even_late
        verdict = Verdict.MISSED if late else verdict or Verdict.UNJUDGED
        spent = range(turn.start, self.now, MINUTE)
        if not even_late and spent and all(self.excluded(minute) for minute in spent):
            verdict, why = Verdict.UNJUDGED, "excluded"
        due = turn.reached if verdict == Verdict.MISSED else None
        self.m.finished.append(
            Turn(
                self.level.code, len(self.m.finished) + 1, verdict, turn.start, self.now, turn.used,
                self.now - turn.start, turn.target, None, due, why,
            )
        )  # fmt: skip

    def go_on(self) -> None:
        self.m.turn, self.m.rests = self.m.last, False
        if self.m.shown:
            self.m.finished.pop()

    def replace(self) -> None:
        if self.m.turn is not None:
            self.stop("replaced", None)
            if self.level.metric == Metric.GIVE_BACK:
                self.m.occasion = True

    def retarget(self) -> None:
        turn = self.m.turn
        row, target = self.choose(self.view)
        if turn is None or row == turn.row:
            return
        if row is None:
            self.stop("no_target", None, even_late=True)
            return
        if self.now > self.offered_at:
            self.offer = None
        turn.row, turn.target = row, target
        turn.reached = self.now if target is not None and turn.used >= target else None

    def unfinished(self, turn: Running) -> Turn:
        assert turn.target is not None
        ahead = copy.copy(self)
        ahead.m, ahead.caps = copy.deepcopy(self.m), dict(self.caps)
        since = None
        due = turn.reached
        if not self.runs() or (self.paused() and self.pauses[self.view.wait or ""] is None):
            return self.standing(turn, None, due)
        for minute in range(self.now, self.now + HORIZON * MINUTE, MINUTE):
            ahead.now = minute
            if since is None and ahead.runs() and not ahead.paused() and not ahead.excluded(minute):
                since = minute
            assert ahead.m.turn is not None
            if ahead.m.turn.reached is not None:
                due = ahead.m.turn.reached
                break
            ahead.minute_passes()
        if turn.reached is not None and since is None:
            since = self.resume(ahead)
        return self.standing(turn, since, due)

    def standing(self, turn: Running, since: int | None, due: int | None) -> Turn:
        assert turn.target is not None
        late = turn.used > turn.target
        verdict = Verdict.LATE if late else Verdict.RUNNING if since == self.now else Verdict.PAUSED
        due = due if late or since is not None else None
        return Turn(
            self.level.code, len(self.m.finished) + 1, verdict, turn.start, None, turn.used, self.now - turn.start,
            turn.target, since, due, None,
        )  # fmt: skip

    def resume(self, ahead: Twin) -> int | None:
        for minute in range(self.now, self.now + HORIZON * MINUTE, MINUTE):
            ahead.now = minute
            if ahead.runs() and not ahead.paused() and not ahead.excluded(minute):
                return minute
            ahead.minute_passes()
        return None

    # What happens

    def wanted(self, view: View) -> bool:
        m, metric = self.m, self.level.metric
        at_rest = self.until_closed() and view.phase == "resolved" and self.level.binds == Binds.REQUESTER
        if m.over or metric == Metric.GIVE_BACK or not (view.phase == "open" or at_rest):
            return False
        if metric == Metric.OWN:
            return self.has_ball(view) and not view.owned
        if metric == Metric.HAND_OVER:
            return self.is_ours(view)
        return m.occasion and (self.level.binds == Binds.REQUESTER or self.has_ball(view))

    def begin_late(self) -> None:
        if self.m.turn is None and self.level.metric != Metric.UPDATE and self.wanted(self.before):
            self.begin(self.before)

    def instant_ends(self) -> None:
        holds = self.view.phase == "open" and self.has_ball(self.view)
        if self.level.metric == Metric.GIVE_BACK:
            if self.m.turn is not None and not holds:
                self.stop("ball.left")
            elif self.m.turn is None and holds and not self.m.over and (not self.held or self.m.occasion):
                self.begin(self.view)
            self.m.occasion = False
        elif self.m.turn is None and self.wanted(self.view):
            self.begin(self.view)
        self.held = holds or self.view.phase != "open"

    def happens(self, event: Recorded) -> None:
        kind = event.kind.replace(".", "_")
        if event.kind in {"prioritised", "classified", "type.changed"}:
            self.changed()
        elif event.kind in PASSES:
            self.passes(event)
        elif event.kind in {"resolved", "closed"}:
            self.rests(event)
        else:
            getattr(self, f"on_{kind}", lambda event: None)(event)

    def on_ticket_opened(self, event: Recorded) -> None:
        self.m.occasion = self.level.metric in {Metric.FIRST_RESPONSE, Metric.RESOLUTION}

    def on_message_added(self, event: Recorded) -> None:
        what, metric = event.what, self.level.metric
        if event.hat not in {1, 2} or what["auto"] or what["as"] not in {"reply", "call", "question"}:
            return
        if what["thread"] != 1:
            return
        if event.hat == 1:
            if metric == Metric.NEXT_RESPONSE and self.answered:
                self.offer = None
                if self.view.phase == "open":
                    self.m.occasion = True
                else:
                    self.asked_at = self.now
            return
        if metric in {Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE}:
            self.begin_late()
            self.m.occasion = self.m.rests = False
        if self.m.turn is not None and metric in RESPONSES:
            self.stop("message.added")
        if metric == Metric.UPDATE and self.view.phase != "merged":
            self.m.occasion = self.view.phase == "open"
        self.answered = True

    def on_assigned(self, event: Recorded) -> None:
        people = human(event) and event.what.get("how") != "automatic"
        if self.level.metric == Metric.OWN and people and event.what["assignee"] is not None:
            self.begin_late()
            if self.m.turn is not None:
                self.stop("assigned")

    def on_hand_over_accepted(self, event: Recorded) -> None:
        self.offer = None

    def passes(self, event: Recorded) -> None:
        moved = self.party(self.before) != self.party(self.view)
        if event.kind == "hand_over.declined":
            self.declines(event, moved=moved)
            self.offer = None
            return
        self.offer = None
        offers = event.kind == "handed_over" and event.what.get("from") is not None and "src" not in event.what
        if offers and moved and self.view.phase == "open":
            self.offer, self.offered_at, self.away = copy.deepcopy(self.m), self.now, 0
        self.responsibility_passes(event, moved=moved)

    def responsibility_passes(self, event: Recorded, *, moved: bool) -> None:
        level = self.level
        why = "hand_over.declined" if event.kind == "hand_over.declined" else "handed_over"
        people = human(event) and event.what.get("why") != "automatic"
        if level.metric == Metric.OWN and people:
            self.begin_late()
            if self.m.turn is not None:
                self.stop(why)
        if not moved or self.m.turn is None:
            return
        left, came, anybody = self.is_ours(self.before), self.is_ours(self.view), level.binds == Binds.REQUESTER
        if level.metric == Metric.HAND_OVER:
            if left:
                self.stop(why)
        elif level.metric != Metric.GIVE_BACK:
            if level.on_hand_over == Then.RESTART and (left or came or anybody):
                self.replace()
            elif level.on_hand_over == Then.CARRY and (came or anybody):
                self.retarget()

    def declines(self, event: Recorded, *, moved: bool) -> None:
        then, anybody = self.level.on_decline, self.level.binds == Binds.REQUESTER
        sent, refuses = anybody or self.is_ours(self.view), not anybody and self.is_ours(self.before)
        was = self.offer
        if was is None or not moved or not (sent or refuses):
            self.responsibility_passes(event, moved=moved)
        elif then == Then.CARRY and sent:
            self.m = was
            if was.turn is not None:
                was.turn.used += self.away
                self.settle(was.turn)
        elif then == Then.CARRY:
            self.forgive(was)
        elif refuses or (anybody and self.level.metric == Metric.OWN):
            self.responsibility_passes(event, moved=moved)
        elif then == Then.RESTART:
            self.replace()
        elif self.m.turn is None and was.turn is not None:
            self.m = was

    def forgive(self, was: Memory) -> None:
        turn = self.m.turn
        if turn is not None and turn.start >= self.offered_at:
            turn.used = 0
            self.stop("declined", None, even_late=True)
        elif turn is not None and was.turn is not None:
            turn.used, turn.target, turn.row, turn.reached = (
                was.turn.used, was.turn.target, was.turn.row, was.turn.reached,
            )  # fmt: skip

    def settle(self, turn: Running) -> None:
        if turn.target is None or turn.used < turn.target:
            turn.reached = None
        elif turn.reached is None:
            turn.reached = self.now

    def changed(self) -> None:
        turn = self.m.turn
        if turn is not None and self.level.on_change == Then.CARRY:
            self.retarget()
        elif turn is not None and self.level.on_change == Then.RESTART:
            row, _ = self.choose(self.view)
            if row is None:
                self.retarget()
            elif row != turn.row:
                self.replace()

    def rests(self, event: Recorded) -> None:
        metric, closing = self.level.metric, event.kind == "closed"
        self.offer = None
        if self.until_closed() and not closing:
            return
        self.begin_late()
        people = human(event) and not closing
        if self.m.turn is not None:
            if metric in {Metric.RESOLUTION, Metric.HAND_OVER, Metric.GIVE_BACK}:
                judged = True
            elif metric in {Metric.NEXT_RESPONSE, Metric.UPDATE}:
                judged = not closing
            else:
                judged = people
            self.stop(event.kind, Verdict.MET if judged else None)
            self.m.rests = True
        self.m.occasion = False
        self.answered = self.answered or people

    def on_reopened(self, event: Recorded) -> None:
        metric, m = self.level.metric, self.m
        if m.turn is not None or (self.until_closed() and self.before.phase == "resolved"):
            return
        if metric == Metric.FIRST_RESPONSE and self.answered:
            return
        if self.level.on_reopen == Then.KEEP:
            m.over = True
        elif self.level.on_reopen == Then.CARRY:
            goes_on = m.rests
            if metric == Metric.OWN and self.view.owned:
                goes_on = False
            if metric == Metric.HAND_OVER and not self.is_ours(self.view):
                goes_on = False
            if goes_on:
                self.go_on()
            m.occasion = {
                Metric.FIRST_RESPONSE: True, Metric.RESOLUTION: True, Metric.UPDATE: self.answered,
                Metric.NEXT_RESPONSE: m.turn is not None or self.asked_at == self.now,
            }.get(metric, m.occasion)  # fmt: skip
        else:
            m.rests = False
            m.occasion = self.answered if metric in {Metric.NEXT_RESPONSE, Metric.UPDATE} else True

    def on_ticket_merged(self, event: Recorded) -> None:
        self.offer = None
        self.merged_on = self.m.turn is not None
        if self.merged_on:
            self.stop("merged", None, even_late=True)

    def on_ticket_unmerged(self, event: Recorded) -> None:
        answered = self.level.metric in RESPONSES and not self.m.occasion
        if self.merged_on and not answered and not self.m.over:
            self.go_on()
        self.merged_on = False

    def on_merge_received(self, event: Recorded) -> None:
        self.sources.add(event.what["source"])
        if self.level.on_merge == Then.RESTART:
            self.replace()
        self.take_in()

    def on_merge_released(self, event: Recorded) -> None:
        self.sources.discard(event.what["source"])
        self.take_in()

    def take_in(self) -> None:
        turn = self.m.turn
        takes = self.level.metric in {Metric.FIRST_RESPONSE, Metric.RESOLUTION}
        if turn is None or self.level.on_merge != Then.CARRY or self.level.binds != Binds.REQUESTER or not takes:
            return
        turn.start = min([turn.own_start, *(self.opened[source] for source in self.sources if source in self.opened)])
        joined = sum(MINUTE for minute in range(turn.start, turn.own_start, MINUTE) if self.works(minute))
        turn.used += joined - turn.joined
        turn.joined = joined
        self.settle(turn)
