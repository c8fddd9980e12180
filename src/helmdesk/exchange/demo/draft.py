"""A story under way: its acts so far, and where they leave the ball."""

from datetime import datetime
from typing import Literal

from helmdesk.exchange.demo.acts import (
    Accept,
    Act,
    Answer,
    Ask,
    Assign,
    Close,
    Decline,
    EndWait,
    HandOver,
    Merge,
    Note,
    Open,
    Release,
    Reopen,
    Reply,
    Resolve,
    SideAnswer,
    SideQuestion,
    Take,
    WaitParts,
    WaitThird,
)

Label = Literal[
    "fresh", "working", "offered", "requester", "asked_again", "third", "parts", "side", "reopened", "resting"
]  # fmt: skip


class Draft:
    """`labels[i]` says where the ticket stands after `acts[i]`, so that a story can be cut at a state."""

    def __init__(self, requester: str) -> None:
        self.requester = requester
        self.acts: list[Act] = []
        self.labels: list[Label] = []
        self.team = ""
        self.assignee: str | None = None
        self.offered_from: str | None = None
        self.wait: Literal["requester", "third", "parts", "side"] | None = None
        self.asked_team: str | None = None
        self.resting = False
        self._again = False
        self._reopened = False

    @property
    def at(self) -> datetime:
        return self.acts[-1].at

    def add(self, act: Act) -> None:
        self._follow(act)
        self.acts.append(act)
        self.labels.append(self._label())

    def _follow(self, act: Act) -> None:
        match act:
            case Open(team=team):
                self.team = team
            case Take(who=who) | Assign(to=who):
                self.assignee, self.offered_from = who, None
            case Release():
                self.assignee = None
            case Accept() | Note():
                self._accept(act)
            case Reply():
                self._again = self.wait == "requester"
                self._accept(act)
            case HandOver(to=to):
                self._give(to)
                self.offered_from = self._before
            case Decline():
                self._give(self.offered_from or self.team)
            case Ask() | WaitThird() | WaitParts() | SideQuestion():
                self._begin_wait(act)
            case Answer() | EndWait() | SideAnswer():
                self._end_wait()
            case Resolve() | Close() | Merge():
                self._end_wait()
                self.resting = True
            case Reopen():
                self.resting, self._reopened = False, True

    def _accept(self, act: Act) -> None:
        if act.who != self.requester:
            self.offered_from = None

    def _give(self, team: str) -> None:
        self._before, self.team = self.team, team
        self.assignee = self.offered_from = None
        self._end_wait()

    def _begin_wait(self, act: Act) -> None:
        match act:
            case Ask():
                self.wait = "requester"
            case WaitThird():
                self.wait = "third"
            case WaitParts():
                self.wait = "parts"
            case SideQuestion(team=team):
                self.wait, self.asked_team = "side", team

    def _end_wait(self) -> None:
        self.wait = self.asked_team = None
        self._again = False

    def _label(self) -> Label:
        if self.resting:
            return "resting"
        if self.offered_from:
            return "offered"
        if self.wait == "requester":
            return "asked_again" if self._again else "requester"
        if self.wait is not None:
            return self.wait
        if self._reopened:
            return "reopened"
        return "working" if self.assignee or len(self.acts) > 2 else "fresh"
