"""What people do on a ticket, one dataclass a verb, and a ticket's story: all its acts in order."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

DeclineReason = Literal["not_ours", "missing_information", "no_capacity", "out_of_contract"]
ResolutionCode = Literal["solved", "workaround", "explained", "not_reproducible", "cancelled"]
ReopenCode = Literal["not_solved", "came_back", "partly"]
Channel = Literal["portal", "mail", "phone", "chat"]
CLOCK = "clock"  # who acts when a timer does


@dataclass(frozen=True, slots=True)
class Act:
    at: datetime  # aware, UTC
    who: str  # a person's ref, or CLOCK
    verb: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Open(Act):
    """`who` is the requester, or the agent who opens on their behalf."""

    text: str
    team: str
    verb: ClassVar[str] = "open"


@dataclass(frozen=True, slots=True)
class Take(Act):
    verb: ClassVar[str] = "take"


@dataclass(frozen=True, slots=True)
class Assign(Act):
    """A lead gives it to an agent of the team."""

    to: str
    verb: ClassVar[str] = "assign"


@dataclass(frozen=True, slots=True)
class Release(Act):
    verb: ClassVar[str] = "release"


@dataclass(frozen=True, slots=True)
class Reply(Act):
    """In the thread with the requester, by either side; ends no wait."""

    text: str
    verb: ClassVar[str] = "reply"


@dataclass(frozen=True, slots=True)
class Note(Act):
    """In a side thread of the in-house people and these external providers."""

    text: str
    readers: tuple[str, ...] = ()
    verb: ClassVar[str] = "note"


@dataclass(frozen=True, slots=True)
class Ask(Act):
    """A question to the requester, or a call that nobody answered; the ball goes to the requester."""

    text: str
    call: bool = False
    verb: ClassVar[str] = "ask"


@dataclass(frozen=True, slots=True)
class Answer(Act):
    """The requester's answer; ends the wait."""

    text: str
    verb: ClassVar[str] = "answer"


@dataclass(frozen=True, slots=True)
class HandOver(Act):
    to: str
    done: str
    asked: str
    known: str
    verb: ClassVar[str] = "hand_over"


@dataclass(frozen=True, slots=True)
class Accept(Act):
    verb: ClassVar[str] = "accept"


@dataclass(frozen=True, slots=True)
class Decline(Act):
    reason: DeclineReason
    verb: ClassVar[str] = "decline"


@dataclass(frozen=True, slots=True)
class WaitThird(Act):
    """Waits on another company; the text is the message that went out or the note of the call."""

    third: str
    text: str
    call: bool
    verb: ClassVar[str] = "wait_third"


@dataclass(frozen=True, slots=True)
class WaitParts(Act):
    """Waits for parts, or for a change window; the team keeps the ball."""

    wait: Literal["parts", "change"]
    until: datetime
    verb: ClassVar[str] = "wait_parts"


@dataclass(frozen=True, slots=True)
class EndWait(Act):
    verb: ClassVar[str] = "end_wait"


@dataclass(frozen=True, slots=True)
class SideQuestion(Act):
    """A question to another team in a side thread; that team gets the ball."""

    team: str
    text: str
    verb: ClassVar[str] = "side_question"


@dataclass(frozen=True, slots=True)
class SideAnswer(Act):
    """By an agent of the asked team, in the same side thread; ends the wait."""

    text: str
    verb: ClassVar[str] = "side_answer"


@dataclass(frozen=True, slots=True)
class Prioritise(Act):
    impact: int
    urgency: int
    reason: Literal["business_deadline", "many_hit", "workaround", "misjudged"]
    verb: ClassVar[str] = "prioritise"


@dataclass(frozen=True, slots=True)
class Classify(Act):
    category: str
    verb: ClassVar[str] = "classify"


@dataclass(frozen=True, slots=True)
class SetField(Act):
    field: str
    value: str
    verb: ClassVar[str] = "set_field"


@dataclass(frozen=True, slots=True)
class Tag(Act):
    tag: str
    verb: ClassVar[str] = "tag"


@dataclass(frozen=True, slots=True)
class LogTime(Act):
    seconds: int
    work: Literal["support", "travel", "research", "coordination"]
    day: date
    verb: ClassVar[str] = "log_time"


@dataclass(frozen=True, slots=True)
class Resolve(Act):
    """The text is the last word to the requester."""

    code: ResolutionCode
    text: str
    verb: ClassVar[str] = "resolve"


@dataclass(frozen=True, slots=True)
class Reopen(Act):
    code: ReopenCode
    text: str
    verb: ClassVar[str] = "reopen"


@dataclass(frozen=True, slots=True)
class Close(Act):
    """Confirmed by the requester, withdrawn by them, or by the timer five days after resolution."""

    how: Literal["confirmed", "timer", "withdrawn"]
    text: str = ""
    verb: ClassVar[str] = "close"


@dataclass(frozen=True, slots=True)
class Link(Act):
    """Related to an earlier story."""

    to: str
    verb: ClassVar[str] = "link"


@dataclass(frozen=True, slots=True)
class Merge(Act):
    """Merged into an earlier story of the same requester."""

    into: str
    verb: ClassVar[str] = "merge"


@dataclass(frozen=True, slots=True)
class TicketStory:
    """One ticket. The first act opens it; any beginning of the acts is a legal history too."""

    ref: str  # t00001 …, in order of opening
    kind: str
    type: Literal["incident", "request"]
    subject: str
    language: Literal["en", "de", "es"]
    requester: str
    service: str
    site: str
    category: str
    confidential: bool
    impact: int
    urgency: int  # at the beginning: what was said, or 3
    said_urgency: int | None
    channel: Channel
    acts: tuple[Act, ...]

    @property
    def opened_at(self) -> datetime:
        return self.acts[0].at
