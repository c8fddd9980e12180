"""The demo company's stories are lawful, varied, in three languages, and the same for the same seed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from helmdesk.exchange.demo.acts import (
    CLOCK,
    Accept,
    Act,
    Answer,
    Ask,
    Assign,
    Classify,
    Close,
    Decline,
    EndWait,
    HandOver,
    Link,
    LogTime,
    Merge,
    Note,
    Open,
    Prioritise,
    Release,
    Reopen,
    Reply,
    Resolve,
    SetField,
    SideAnswer,
    SideQuestion,
    Tag,
    Take,
    TicketStory,
    WaitParts,
    WaitThird,
)
from helmdesk.exchange.demo.bulk import (
    ABSENT_WORD,
    COMMON_WORD,
    NARROW_SERVICE,
    RARE_MESSAGES,
    RARE_WORD,
    BulkTicket,
    bulk,
    pool,
)
from helmdesk.exchange.demo.company import Company, company
from helmdesk.exchange.demo.speech import phrases, texts
from helmdesk.exchange.demo.story import story

NOW = datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
FIVE_DAYS = timedelta(days=5)


@pytest.fixture(scope="module")
def alpenwerk() -> Company:
    return company(7)


@pytest.fixture(scope="module")
def told(alpenwerk: Company) -> list[TicketStory]:
    return list(story(alpenwerk, 7, now=NOW))


@dataclass
class Checker:
    """The ball table, said once more and slowly: refuses an act that its row does not allow."""

    company: Company
    story: TicketStory
    phase: str = "new"
    team: str = ""
    assignee: str | None = None
    offered_from: str | None = None
    wait: str | None = None
    asked_team: str | None = None
    resolved_at: datetime | None = None
    seen_by: set[str] = field(default_factory=set)

    def run(self) -> "Checker":
        for act in self.story.acts:
            getattr(self, f"_{act.verb}")(act)
        return self

    def works(self, who: str, team: str | None = None) -> None:
        """`who` is an agent of the responsible team and the ticket is open."""
        assert self.phase == "open"
        assert (team or self.team) in self.company.agent[who].teams
        assert who != self.story.requester

    def may_see(self, team: str) -> None:
        provider = self.company.team[team].provider
        assert self.company.may_see(
            provider, self.story.service, self.story.site, confidential=self.story.confidential
        ), (provider, self.story.service, self.story.site)
        self.seen_by.add(provider)

    def accepts(self, act: Act) -> None:
        if act.who != self.story.requester:
            self.offered_from = None

    def starts(self, act: Act, wait: str) -> None:
        self.works(act.who)
        assert self.wait is None
        self.accepts(act)
        self.wait = wait

    def passes(self, team: str) -> None:
        self.team, self.assignee, self.wait = team, None, None

    def _open(self, act: Open) -> None:
        assert self.phase == "new"
        assert act.text.strip()
        assert self.story.subject.strip()
        self.phase, self.team = "open", act.team
        self.may_see(act.team)
        if act.who != self.story.requester:
            assert self.story.channel == "phone"
            self.works(act.who)

    def _take(self, act: Take) -> None:
        self.works(act.who)
        assert self.assignee is None
        self.assignee, self.offered_from = act.who, None

    def _assign(self, act: Assign) -> None:
        self.works(act.who)
        self.works(act.to)
        assert self.company.agent[act.who].lead
        assert act.who != act.to
        self.assignee, self.offered_from = act.to, None

    def _release(self, act: Release) -> None:
        self.works(act.who)
        assert self.assignee == act.who
        self.assignee = None

    def _reply(self, act: Reply) -> None:
        assert self.phase == "open"
        assert act.text.strip()
        if act.who == self.story.requester:
            assert self.wait != "requester"  # that would be an answer
        else:
            self.works(act.who)
            self.accepts(act)

    def _note(self, act: Note) -> None:
        assert self.phase == "open"
        assert act.text.strip()
        own = self.company.agent[act.who].provider
        assert own in self.seen_by
        assert set(act.readers) <= self.seen_by - {"inhouse"}
        assert own == "inhouse" or act.readers == (own,)
        if self.team in self.company.agent[act.who].teams:
            self.offered_from = None

    def _ask(self, act: Ask) -> None:
        assert act.text.strip()
        self.starts(act, "requester")

    def _answer(self, act: Answer) -> None:
        assert self.wait == "requester"
        assert act.who == self.story.requester
        assert act.text.strip()
        self.wait = None

    def _hand_over(self, act: HandOver) -> None:
        self.works(act.who)
        assert act.to != self.team
        assert act.done
        assert act.asked
        assert act.known
        self.may_see(act.to)
        before = self.team
        self.passes(act.to)
        self.offered_from = before

    def _accept(self, act: Accept) -> None:
        self.works(act.who)
        assert self.offered_from
        self.offered_from = None

    def _decline(self, act: Decline) -> None:
        self.works(act.who)
        assert self.offered_from
        self.passes(self.offered_from)
        self.offered_from = None

    def _wait_third(self, act: WaitThird) -> None:
        assert act.text.strip()
        assert act.third in {third.code for third in self.company.third_parties}
        self.starts(act, "third")

    def _wait_parts(self, act: WaitParts) -> None:
        assert act.until > act.at
        self.starts(act, act.wait)

    def _end_wait(self, act: EndWait) -> None:
        self.works(act.who)
        assert self.wait in ("third", "parts", "change")
        self.wait = None

    def _side_question(self, act: SideQuestion) -> None:
        self.starts(act, "question")
        self.may_see(act.team)
        providers = {self.company.team[team].provider for team in (self.team, act.team)}
        assert act.team != self.team
        assert len(providers - {"inhouse"}) <= 1
        self.asked_team = act.team

    def _side_answer(self, act: SideAnswer) -> None:
        assert self.wait == "question"
        assert self.asked_team in self.company.agent[act.who].teams
        assert self.team not in self.company.agent[act.who].teams
        assert act.text.strip()
        self.wait = None

    def _prioritise(self, act: Prioritise) -> None:
        self.works(act.who)
        assert act.impact in (1, 2, 3)
        assert act.urgency in (1, 2, 3)

    def _classify(self, act: Classify) -> None:
        self.works(act.who)
        assert act.category in {category.code for category in self.company.categories}

    def _set_field(self, act: SetField) -> None:
        self.works(act.who)
        known = next(known for known in self.company.fields if known.code == act.field)
        assert not known.choices or act.value in known.choices

    def _tag(self, act: Tag) -> None:
        self.works(act.who)
        assert act.tag in {tag.code for tag in self.company.tags}

    def _log_time(self, act: LogTime) -> None:
        self.works(act.who)
        assert 0 < act.seconds <= 86_400
        assert abs(act.day - act.at.date()) <= timedelta(days=1)

    def _link(self, act: Link) -> None:
        self.works(act.who)
        assert act.to != self.story.ref

    def _resolve(self, act: Resolve) -> None:
        self.works(act.who)
        assert act.text.strip()
        self.phase, self.wait, self.offered_from, self.resolved_at = "resolved", None, None, act.at

    def _reopen(self, act: Reopen) -> None:
        assert self.phase == "resolved"
        assert act.who == self.story.requester
        assert act.text.strip()
        self.phase = "open"

    def _close(self, act: Close) -> None:
        if act.how == "withdrawn":
            assert self.phase == "open"
            assert act.who == self.story.requester
        elif act.how == "timer":
            assert self.phase == "resolved"
            assert act.who == CLOCK
            assert self.resolved_at is not None
            assert act.at == self.resolved_at + FIVE_DAYS
        else:
            assert self.phase == "resolved"
            assert act.who == self.story.requester
        self.phase = "closed"

    def _merge(self, act: Merge) -> None:
        self.works(act.who)
        self.phase = "closed"


def everything_said(stories: list[TicketStory]) -> Iterator[str]:
    for ticket in stories:
        yield ticket.subject
        for act in ticket.acts:
            for part in ("text", "done", "asked", "known"):
                yield getattr(act, part, "")


def test_the_same_seed_tells_the_same_company_and_story() -> None:
    first, again, other = company(3), company(3), company(4)
    assert first == again
    assert [person.name for person in first.requesters] != [person.name for person in other.requesters]
    tickets = [list(story(each, 3, now=NOW, days=30, tickets=200)) for each in (first, again)]
    assert tickets[0] == tickets[1]


def test_four_hundred_people_ask_in_three_languages(alpenwerk: Company) -> None:
    people = alpenwerk.requesters
    languages = Counter(person.language for person in people)
    assert len(people) == 400
    assert languages == {"de": 180, "en": 140, "es": 80}
    assert len({person.email for person in alpenwerk.persons}) == len(alpenwerk.persons)
    assert {person.email.rpartition(".")[2] for person in alpenwerk.persons} == {"example"}


def test_every_service_category_and_tag_is_named_in_three_languages(alpenwerk: Company) -> None:
    rows = (alpenwerk.services, alpenwerk.categories, alpenwerk.departments, alpenwerk.fields, alpenwerk.tags)
    assert {frozenset(named.names) for each in rows for named in each} == {frozenset({"en", "de", "es"})}


def test_the_logins_show_every_role(alpenwerk: Company) -> None:
    held = set(alpenwerk.roles)
    assert {login.role for login in alpenwerk.logins} == {
        "requester", "agent", "lead", "it_manager", "auditor", "admin",
    }  # fmt: skip
    assert all((login.person, login.role) in held for login in alpenwerk.logins)
    agents = [alpenwerk.agent[login.person].provider for login in alpenwerk.logins if login.role == "agent"]
    assert agents == ["inhouse", "northwind", "baltic"]


def test_the_round_the_clock_desk_is_never_empty(alpenwerk: Company) -> None:
    desk = alpenwerk.members("baltic_desk")
    for hour in range(24 * 14):
        at = NOW + timedelta(hours=hour)
        assert any(agent.hours.covers(at) for agent in desk), at


def test_every_kind_of_trouble_is_told_alike_in_all_languages() -> None:
    shapes = [
        {kind: {part: len(lines) for part, lines in parts.items()} for kind, parts in texts(language).items()}
        for language in ("en", "de", "es")
    ]
    assert shapes[0] == shapes[1] == shapes[2]
    keys = [{name: set(rows) for name, rows in phrases(language).items()} for language in ("en", "de", "es")]
    assert keys[0] == keys[1] == keys[2]


def test_every_act_is_lawful(alpenwerk: Company, told: list[TicketStory]) -> None:
    for ticket in told:
        Checker(alpenwerk, ticket).run()


def test_acts_are_in_order_of_time_and_over_by_now(told: list[TicketStory]) -> None:
    for ticket in told:
        assert all(before.at <= after.at for before, after in pairwise(ticket.acts)), ticket.ref
        assert all(act.at <= NOW and act.at.tzinfo is UTC for act in ticket.acts), ticket.ref
    assert all(before.opened_at <= after.opened_at for before, after in pairwise(told))


def test_links_and_merges_name_an_earlier_story(told: list[TicketStory]) -> None:
    known: dict[str, TicketStory] = {}
    merges = 0
    for ticket in told:
        known[ticket.ref] = ticket
        for act in ticket.acts:
            if isinstance(act, Link):
                assert act.to in known
            if isinstance(act, Merge):
                target = known[act.into]
                assert target.requester == ticket.requester
                before = [other for other in target.acts if other.at <= act.at]
                assert not any(isinstance(other, Resolve | Close | HandOver) for other in before)
                merges += 1
    assert 20 <= merges <= 60
    assert len(known) == len(told)


def test_half_a_year_brings_about_three_thousand_tickets_of_which_some_are_open(
    alpenwerk: Company, told: list[TicketStory]
) -> None:
    assert 2_900 <= len(told) <= 3_150
    ends = [Checker(alpenwerk, ticket).run() for ticket in told]
    still_open = [end for end in ends if end.phase == "open"]
    assert 100 <= len(still_open) <= 150
    assert {end.wait for end in still_open} >= {None, "requester", "third", "parts", "question"}
    assert sum(end.assignee is None and end.wait is None for end in still_open) >= 10
    assert sum(end.offered_from is not None for end in still_open) >= 3
    with_guests = {end.company.team[end.team].provider for end in still_open}
    assert with_guests == {"inhouse", "northwind", "baltic"}
    assert sum(end.story.opened_at < NOW - timedelta(days=21) for end in still_open) >= 10


def test_every_verb_happens(told: list[TicketStory]) -> None:
    verbs = Counter(act.verb for ticket in told for act in ticket.acts)
    expected = {kind.verb for kind in Act.__subclasses__() if hasattr(kind, "verb")}
    assert {verb for verb, count in verbs.items() if count >= 20} == expected


def test_languages_have_their_shares(told: list[TicketStory]) -> None:
    shares = {code: count / len(told) for code, count in Counter(ticket.language for ticket in told).items()}
    assert shares["en"] == pytest.approx(0.35, abs=0.06)
    assert shares["de"] == pytest.approx(0.45, abs=0.06)
    assert shares["es"] == pytest.approx(0.20, abs=0.06)


def test_tickets_do_not_look_alike(told: list[TicketStory]) -> None:
    openings = [act.text for ticket in told for act in ticket.acts if isinstance(act, Open)]
    assert len(set(openings)) >= 0.97 * len(told)
    assert len({ticket.subject for ticket in told}) >= 0.8 * len(told)
    both = {(ticket.subject, text) for ticket, text in zip(told, openings, strict=True)}
    assert len(both) >= 0.99 * len(told)


def test_no_slot_or_choice_is_left_unfilled(told: list[TicketStory]) -> None:
    for text in everything_said(told):
        assert not set("{}[]|") & set(text), text


def test_nights_patch_days_and_calls_are_there(told: list[TicketStory]) -> None:
    vienna_night = [ticket for ticket in told if ticket.opened_at.hour in (21, 22, 23, 0, 1, 2, 3)]
    assert 0.05 <= len(vienna_night) / len(told) <= 0.25
    assert 0.12 <= sum(ticket.channel == "phone" for ticket in told) / len(told) <= 0.3
    mornings = Counter(ticket.opened_at.date() for ticket in told if ticket.kind == "vpn_after_patch")
    assert sum(count >= 8 for count in mornings.values()) >= 5
    weekend = sum(ticket.opened_at.weekday() >= 5 for ticket in told)
    assert weekend < 0.1 * len(told)


def test_a_small_story_is_a_story_too(alpenwerk: Company) -> None:
    tickets = list(story(alpenwerk, 1, now=NOW, days=20, tickets=60))
    assert 55 <= len(tickets) <= 65
    for ticket in tickets:
        Checker(alpenwerk, ticket).run()


@pytest.fixture(scope="module")
def many(alpenwerk: Company) -> list[BulkTicket]:
    return list(bulk(alpenwerk, 5, tickets=20_000, open_share=0.2, now=NOW))


def test_bulk_is_the_same_for_the_same_seed(alpenwerk: Company, many: list[BulkTicket]) -> None:
    again = bulk(alpenwerk, 5, tickets=20_000, open_share=0.2, now=NOW)
    assert list(islice(again, 500)) == many[:500]


def test_bulk_keeps_its_open_share_and_its_order(many: list[BulkTicket]) -> None:
    assert sum(ticket.resolved_at == 0 for ticket in many) / len(many) == pytest.approx(0.2, abs=0.01)
    assert all(before.opened_at <= after.opened_at for before, after in pairwise(many))
    now = int(NOW.timestamp() * 1_000_000)
    for ticket in many:
        assert ticket.opened_at <= now
        assert ticket.closed_at <= now
        assert (ticket.resolved_at == 0) == (ticket.closed_at == 0)
        assert ticket.resolved_at == 0 or ticket.messages[0][0] <= ticket.resolved_at


def test_one_word_is_rare_one_common_and_one_absent(alpenwerk: Company, many: list[BulkTicket]) -> None:
    said = [message[3].lower() for ticket in many for message in ticket.messages]
    assert sum(RARE_WORD in text for text in said) == RARE_MESSAGES
    assert sum(COMMON_WORD in text for text in said) / len(said) == pytest.approx(0.15, abs=0.01)
    assert not any(ABSENT_WORD in text for text in said)
    assert not any(COMMON_WORD in subject.lower() for subject in pool(alpenwerk, 5).subjects)


def test_one_service_holds_a_thousandth(many: list[BulkTicket]) -> None:
    services = Counter(ticket.service for ticket in many)
    assert services[NARROW_SERVICE] == len(many) // 1000
    assert len(services) > 10


def test_bulk_without_messages_is_as_lean_as_it_says(alpenwerk: Company) -> None:
    tickets = list(bulk(alpenwerk, 5, tickets=1_000, open_share=0.02, messages=0, now=NOW))
    assert {ticket.messages for ticket in tickets} == {()}
