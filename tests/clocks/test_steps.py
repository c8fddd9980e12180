"""Events out of order, doubled, back-dated or recorded late are judged by a stated rule."""

from __future__ import annotations

from helmdesk.clocks.levels import Level
from helmdesk.clocks.steps import OPENED, RESOLVED, Recorded, steps
from helmdesk.clocks.ticket import Standing, Version, standing, turns, turns_of_their_day
from helmdesk.clocks.turns import reaches
from tests.clocks.telling import DESK, HOUR, NORTHWIND, PROVIDERS, Story, brief, calendar, clock, judged, level


def test_an_event_before_its_predecessor_is_taken_as_of_that_instant_and_counted():
    story = Story("9:00").takes("10:00").resolves("9:30")
    told = story.steps("12:00")
    assert (told.backdated, told.at[-1]) == (1, clock("10:00"))
    assert brief(judged(story, level())) == [("met", 1.0, "resolved")]


def test_an_event_told_twice_counts_once():
    story = Story("9:00").resolves("10:00")
    told = steps([*story.events, story.events[-1]])
    assert (told.doubled, told.kind.count(RESOLVED)) == (1, 1)


def test_what_is_yet_to_come_has_not_happened():
    story = Story("9:00").resolves("12:00")
    assert brief(judged(story, level(within="4h"), now="10:00")) == [("running", 1.0, None)]
    assert judged(story, level(), now="8:00") == []


def test_what_was_recorded_later_is_not_known_as_of_then():
    story = Story("9:00").takes("9:30").then("10:00", "resolved", recorded="tue 9:00", how="solved")
    assert brief(judged(story, level(), now="11:00", as_of="mon 12:00")) == [("running", 2.0, None)]
    assert brief(judged(story, level(), now="11:00", as_of="tue 12:00")) == [("met", 1.0, "resolved")]


def test_a_foreign_log_counts_acts_as_people_s():
    source = {"src": {"row": 1, "digest": "00"}}
    story = Story("9:00").then("9:30", "assigned", 0, assignee=11, was=None, how="assign", **source)
    assert brief(judged(story, level("own"))) == [("met", 0.5, "assigned")]


def test_what_a_ticket_is_about_comes_before_its_opening():
    told = Story("9:00", service=5).steps("10:00")
    assert told.kind[-1] == OPENED
    assert standing(told, clock("9:00"), provider_of=PROVIDERS) == Standing(DESK, 10, 3, 5, None, None, 1)


def test_a_ticket_without_events_has_no_turns():
    assert turns(steps([]), [(level(), calendar())], provider_of={}, now=clock("9:00")) == []


def test_each_turn_is_judged_by_the_version_of_the_day_on_which_it_started():
    story = Story("9:00").resolves("10:00").reopens("tue 9:00").resolves("tue 12:00")
    first, second = level(within="2h", on_reopen="restart"), level(within="4h", on_reopen="restart")
    versions = [
        Version(first, calendar(), clock("0:00"), clock("tue 0:00")),
        Version(second, calendar(), clock("tue 0:00")),
    ]
    found = turns_of_their_day(story.steps("wed 9:00"), versions, provider_of=PROVIDERS, now=clock("wed 9:00"))
    assert [(version.level.targets[0].within, turn.n, turn.verdict.name) for version, turn in found] == [
        (2 * HOUR, 1, "MET"),
        (4 * HOUR, 2, "MET"),
    ]


def test_a_share_of_the_target_is_reached_where_the_clock_goes_on():
    turn = judged(Story("9:00"), level(within="4h"), now="10:00")[0]
    assert [reaches(turn, calendar(), share) for share in (0.2, 0.5, 1)] == [None, clock("11:00"), turn.due]
    paused = judged(Story("9:00").waits("9:30"), level(pauses=[{"wait": "requester"}]), now="10:00")[0]
    assert reaches(paused, calendar(), 0.5) is None


def test_a_calendar_that_ends_is_never_used_up():
    never = {"zone": "UTC", "week": {"mon": ["09:00-09:30"]}, "days": {}}
    long = Level("level", level().metric, (type(level().targets[0])(10**15),))
    turn = judged(Story("9:00"), long, now="9:10", hours=never)[0]
    assert (turn.verdict.name, turn.due) == ("RUNNING", None)


def test_a_hand_over_whose_receiver_the_log_does_not_show_is_nobody_s_time():
    event = Recorded(2, "handed_over", clock("10:00"), {"from": DESK, "to": None, "src": {}}, hat=0)
    story = Story("9:00")
    story.events.append(event)
    story.resolves("11:00")
    assert [one.party_kind for one in story.holdings()] == ["team", "unknown", "rest"]
    assert brief(judged(story, level(binds={"team": "desk"}))) == [("met", 1.0, "resolved")]


def test_the_provider_of_a_team_that_nobody_names_is_unknown():
    story = Story("9:00", team=99).resolves("10:00")
    assert judged(story, level(binds={"provider": "northwind"})) == []
    assert NORTHWIND in PROVIDERS
