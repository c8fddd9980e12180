"""What people say on a ticket: each message goes into the one thread whose audience was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helmdesk.access.models import Audience
from helmdesk.access.scopes import intern_audience
from helmdesk.access.viewer import Viewer
from helmdesk.foundation.files import Stored, safe_name
from helmdesk.foundation.masking import mask
from helmdesk.foundation.statements import fetched
from helmdesk.ledger import texts
from helmdesk.ledger.models import Event, Hat, Stream, Text
from helmdesk.providers.models import Provider
from helmdesk.tickets.acting import Act, acting
from helmdesk.tickets.ball import WITH_REQUESTER, accept_if_offered, begin_wait, finish_wait
from helmdesk.tickets.guards import capped, is_own, must_be_open, must_hold, must_not_wait, must_work
from helmdesk.tickets.models import Attachment, Message, Phase, Thread, Ticket, Wait
from helmdesk.tickets.refusals import Refused


@dataclass(frozen=True, slots=True)
class Words:
    """A message about to be said: text, in which role (`Message.As`), files already stored, automatic or not."""

    text: str
    said_as: str = "reply"
    files: Sequence[tuple[str, Stored]] = field(default=())
    automatic: bool = False

    def must_say_something(self) -> None:
        if not self.text.strip() and not self.files:
            raise Refused("empty", "There is nothing to send.", field="text", cure="Write a sentence or add a file.")


def reply(ticket: int, words: Words, *, by: Viewer, at: datetime, shown: int | None = None) -> Message:
    """To the requester: by an agent of the holding team, or by the requester or a participant themselves.

    The requester's own message ends a wait for them; an automatic one does not. On a merged ticket it goes into the
    thread that it answers, and ends such a wait of the ticket that it was merged into.
    """
    words.must_say_something()
    with acting(ticket, *_merged_into(ticket, by), by=by, at=at, shown=shown) as act:
        _must_not_be_closed(act.ticket)
        if is_own(by, act.ticket):
            message = post(act, act.ticket, words, requester=True)
            for waiting in act.tickets.values():
                if not words.automatic and waiting.wait in WITH_REQUESTER:
                    finish_wait(act, waiting, "answered")
            return message
        must_hold(by, act.ticket)
        accept_if_offered(act, act.ticket)
        return post(act, act.ticket, words, requester=True)


def note(ticket: int, words: Words, *, providers: frozenset[int] = frozenset(), by: Viewer, at: datetime) -> Message:
    """Into a side thread: in-house people and the providers named. A guest's own provider is always among them.

    When the team that was asked answers in a thread that both read, the question's wait ends.
    """
    words.must_say_something()
    with acting(ticket, by=by, at=at) as act:
        _must_be_at_work(by, act.ticket)
        accept_if_offered(act, act.ticket)
        message = post(act, act.ticket, words, providers=with_own(by, providers))
        if _answers_question(act, act.ticket, message):
            finish_wait(act, act.ticket, "answered")
    return message


def _answers_question(act: Act, ticket: Ticket, message: Message) -> bool:
    """Whether somebody of the team that was asked has answered where those who asked can read it."""
    teams = act.by.teams
    if ticket.wait != Wait.QUESTION or ticket.holder_id not in teams or ticket.team_id in teams or message.automatic:
        return False
    asked = Event.objects.filter(stream=Stream.TICKET, stream_id=ticket.pk, n=ticket.wait_position or 0)
    asking = Provider.objects.filter(pk__in=asked.values("provider"), kind=Provider.Kind.EXTERNAL).first()
    return asking is None or message.audience.providers.filter(pk=asking.pk).exists()


def ask_requester(
    ticket: int, words: Words, *, until: datetime | None = None, by: Viewer, at: datetime, shown: int | None = None
) -> Ticket:
    """Asks the requester and waits for the answer, 30 days at most: the question is the wait's evidence."""
    words.must_say_something()
    with acting(ticket, by=by, at=at, shown=shown) as act:
        must_be_open(act.ticket)
        must_work(by, act.ticket)
        must_not_wait(act.ticket)
        accept_if_offered(act, act.ticket)
        question = post(act, act.ticket, words, requester=True)
        begin_wait(act, act.ticket, Wait.REQUESTER, message=question.pk, until=capped(until, at=act.at))
    return act.ticket


def post(
    act: Act, ticket: Ticket, words: Words, *, requester: bool = False, providers: frozenset[int] = frozenset()
) -> Message:
    """Writes a message into the thread of this audience, opening the thread when it is the first."""
    audience = intern_audience(requester=requester, in_house=not requester, providers=providers)
    return post_into(act, ticket, thread_for(act, ticket, audience), words)


def post_into(act: Act, ticket: Ticket, thread: Thread, words: Words) -> Message:
    by = act.by
    own = is_own(by, ticket)
    text = texts.write(draft(words.text, "message", owner=by.person, ticket=ticket))
    message = Message.objects.create(
        ticket=ticket,
        thread=thread,
        audience_id=thread.audience_id,
        text=text,
        said_as=words.said_as,
        person_id=by.person,
        hat=Hat.REQUESTER if own else by.hat,
        provider_id=None if own else by.provider,
        automatic=words.automatic,
        at=act.at,
    )
    for name, stored in words.files:
        attach(message, name, stored, owner=by.person, ticket=ticket)
    act.record(
        ticket, "message.added", message=message.pk, thread=thread.pk, text=texts.commitment(text),
        auto=words.automatic, files=len(words.files), **{"as": words.said_as},
    )  # fmt: skip
    return message


def thread_for(act: Act, ticket: Ticket, audience: Audience) -> Thread:
    """The ticket's thread with this audience; made, and recorded, when there is none yet."""
    found = (
        Thread.objects.unscoped(reason="the verb has checked who writes; audiences are interned")
        .filter(ticket=ticket, audience=audience)
        .first()
    )
    if found is not None:
        return found  # type: ignore[no-any-return]
    return new_thread(act, ticket, audience)


def new_thread(act: Act, ticket: Ticket, audience: Audience) -> Thread:
    thread = Thread.objects.create(ticket=ticket, audience=audience, opened_at=act.at)
    act.record(ticket, "thread.opened", thread=thread.pk, audience=audience.pk)
    return thread


def attach(message: Message, name: str, stored: Stored, *, owner: int | None, ticket: Ticket) -> Attachment:
    """Hangs a stored file on a message; its name is a text that can be forgotten."""
    return Attachment.objects.create(
        message=message,
        name=texts.write(draft(safe_name(name), "filename", owner=owner, ticket=ticket)),
        key=stored.key,
        size=stored.size,
        media_type=stored.media_type,
        digest=bytes.fromhex(stored.sha256),
    )


def draft(
    body: str, kind: str, *, owner: int | None, ticket: Ticket | None = None, known: Sequence[str] = ()
) -> texts.Draft:
    """A text with its masked rendition, in which the requester's own names and addresses are hidden too."""
    if len(body) > texts.LONGEST:
        raise Refused(
            "too_long", f"The text has {len(body)} characters.", field="text", value=f"{body[:40]}…",
            cure=f"At most {texts.LONGEST}; attach the rest as a file.",
        )  # fmt: skip
    names = list(known) if ticket is None else known_names(ticket.requester_id)
    return texts.Draft(body, kind, owner, masked=mask(body, known=names))


NAMES = """
SELECT 1, name FROM helmdesk_person WHERE id = %s UNION ALL SELECT 0, value FROM helmdesk_address WHERE person_id = %s
"""


def known_names(person: int) -> list[str]:
    """What would tell who somebody is: the name, whole and in parts, and every address."""
    rows = fetched(NAMES, [person, person])
    name = next(value for is_name, value in rows if is_name)
    return [name, *(part for part in name.split() if len(part) > 2), *(value for is_name, value in rows if not is_name)]


def with_own(by: Viewer, providers: frozenset[int]) -> frozenset[int]:
    """External providers among those named, and the guest's own: nobody writes what they cannot read."""
    named = frozenset(
        Provider.objects.filter(pk__in=providers, kind=Provider.Kind.EXTERNAL, active=True).values_list("pk", flat=True)
    )
    if named != providers:
        raise Refused("no_such_reader", "One of the readers is not a provider here.", field="providers")
    if by.hat == Hat.MEMBER and not by.internal and by.provider is not None:
        if named - {by.provider}:
            raise Refused(
                "not_your_circle", "A provider talks with the company, not with other providers.", field="providers"
            )
        return frozenset({by.provider})
    return named


def revise(message: int, body: str, *, cause: str = "edit", by: Viewer, at: datetime) -> Message:
    """The author corrects a message; the earlier revision stays in the history."""
    Words(body).must_say_something()
    found = Message.objects.visible_to(by).select_related("text").filter(pk=message).first()
    if found is None or found.person_id != by.person:
        raise Refused("not_yours", "Only the author corrects a message.", field="message", value=message)
    with acting(found.ticket_id, by=by, at=at) as act:
        text: Text = texts.revise(found.text, draft(body, "message", owner=found.person_id, ticket=act.ticket))
        found.text = text
        found.save(update_fields=["text"])
        act.record(act.ticket, "message.revised", message=found.pk, cause=cause, text=texts.commitment(text))
    return found  # type: ignore[no-any-return]


def _merged_into(ticket: int, by: Viewer) -> list[int]:
    """The ticket that this one is merged into, as far as `by` may see both."""
    seen = Ticket.objects.visible_to(by)
    return list(seen.filter(pk__in=seen.filter(pk=ticket).values("merged_into")).values_list("pk", flat=True))


def _must_not_be_closed(ticket: Ticket) -> None:
    """A merged ticket is as open as the one that it ended up in."""
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    if ticket.phase == Phase.CLOSED:
        raise Refused("closed", "The ticket is closed.", cure="Open a new one; it will be linked to this.")


def _must_be_at_work(by: Viewer, ticket: Ticket) -> None:
    """Any agent who may see the ticket may write a note on it, unless it is their own."""
    if by.hat == Hat.SYSTEM:
        return
    if is_own(by, ticket) or not by.may("tickets.work"):
        raise Refused("not_at_work", "Only those who work on it write notes.", cure="Write to the helpers instead.")
