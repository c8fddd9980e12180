"""What users of other desks complained of (DEMANDS 1.1), each row a test by its name: here it cannot happen."""

from __future__ import annotations

from helmdesk.clocks.ticket import Holding
from helmdesk.clocks.turns import Turn, Verdict
from tests.clocks.telling import (
    DESK,
    HOUR,
    NETWORK,
    NORTHWIND,
    OFFICE,
    REQUESTER,
    RULE,
    Story,
    brief,
    clock,
    judged,
    level,
)

BY_PRIORITY = [{"priority": 1, "within": "4h"}, {"within": "40h"}]
REQUESTER_PAUSES = [{"wait": "requester"}]


def test_glpi_6902_a_change_of_priority_does_not_forget_time_spent_waiting():
    story = Story("9:00").waits("10:00").goes_on("12:00").becomes("12:00", 1).resolves("14:00")
    by = level(targets=BY_PRIORITY, pauses=REQUESTER_PAUSES)
    assert brief(judged(story, by)) == [("met", 3.0, "resolved")]


def test_glpi_15605_a_target_swapped_after_days_on_hold_counts_none_of_them():
    story = Story("9:00").waits("10:00").goes_on("thu 9:00").becomes("thu 9:00", 1).resolves("thu 11:00")
    by = level(targets=BY_PRIORITY, pauses=REQUESTER_PAUSES)
    assert judged(story, by)[0].used == 3 * HOUR
    anew = level(targets=BY_PRIORITY, pauses=REQUESTER_PAUSES, on_change="restart")
    assert brief(judged(story, anew)) == [("unjudged", 1.0, "replaced"), ("met", 2.0, "resolved")]


def test_glpi_1911_who_gets_it_at_one_hour_thirty_of_two_has_used_nothing():
    story = Story("9:00").hands("10:30", NORTHWIND)
    theirs = level(binds={"provider": "northwind"}, within="2h")
    assert judged(story, theirs, now="10:30") == [
        Turn("level", 1, Verdict.RUNNING, clock("10:30"), None, 0, 0, 2 * HOUR, clock("10:30"), clock("12:30"))
    ]
    story.resolves("12:00")
    assert brief(judged(story, theirs)) == [("met", 1.5, "resolved")]
    assert brief(judged(story, level(within="2h"))) == [("missed", 3.0, "resolved")]


def test_glpi_1912_whether_waiting_counts_is_said_by_each_level():
    story = Story("9:00").waits("10:00").goes_on("12:00").resolves("13:00")
    assert brief(judged(story, level(within="3h"))) == [("missed", 4.0, "resolved")]
    assert brief(judged(story, level(within="3h", pauses=REQUESTER_PAUSES))) == [("met", 2.0, "resolved")]


def test_glpi_14423_another_agent_of_a_team_that_has_it_already_changes_nothing():
    alone = Story("9:00").takes("9:10").resolves("10:00")
    joined = Story("9:00").takes("9:10").takes("9:40", assignee=12).resolves("10:00")
    for metric in ("resolution", "own", "hand_over", "give_back"):
        by = level(metric, binds={"team": "desk"})
        assert judged(alone, by) == judged(joined, by)


def test_glpi_15870_what_a_rule_does_takes_nothing_into_account():
    story = Story("9:00").replies("9:00", hat=RULE, auto=True).takes("9:01", hat=RULE, how="assign")
    story.replies("9:02", auto=True).takes("10:00").replies("10:30")
    assert brief(judged(story, level("own"))) == [("met", 1.0, "assigned")]
    assert brief(judged(story, level("first_response"))) == [("met", 1.5, "message.added")]


def test_glpi_24267_it_does_not_matter_who_opens_the_ticket():
    own = Story("9:00").resolves("10:00")
    for_them = Story("9:00")
    for_them.events[0] = type(own.events[0])(1, "ticket.opened", clock("9:00"), own.events[0].what, hat=2)
    for_them.resolves("10:00")
    assert judged(own, level()) == judged(for_them, level())


def test_glpi_15429_any_calendar_works_not_only_round_the_clock():
    vienna = {"zone": "Europe/Vienna", "week": {"mon": ["09:00-17:00"], "tue": ["09:00-17:00"]}}
    found = judged(Story("15:00"), level(within="4h"), now="15:30", hours=vienna)
    assert (found[0].used, found[0].due) == (HOUR // 2, clock("tue 11:00"))


def test_glpi_1945_with_the_supplier_there_is_nothing_to_warn_of():
    story = Story("9:00").waits("10:00", "third", on=31)
    found = judged(story, level(within="2h", pauses=[{"wait": "third"}]), now="tue 9:00")[0]
    assert (found.verdict, found.used, found.since, found.due) == (Verdict.PAUSED, HOUR, None, None)


def test_zammad_3140_no_clock_waits_for_an_agent_who_answered_last():
    story = Story("9:00").replies("9:30").asks("10:00").replies("10:30")
    assert brief(judged(story, level("next_response"), now="20:00")) == [("met", 0.5, "message.added")]
    updates = judged(story, level("update", within="8h"), now="12:00")
    assert [(turn.verdict, turn.start) for turn in updates] == [
        (Verdict.MET, clock("9:30")),
        (Verdict.RUNNING, clock("10:30")),
    ]


def test_zammad_5177_at_creation_there_is_a_first_response_to_give_and_no_update():
    story = Story("9:00")
    assert judged(story, level("first_response"), now="9:30")[0].due == clock("11:00")
    assert judged(story, level("update", within="10m"), now="9:30") == []
    assert judged(story, level("next_response", within="10m"), now="9:30") == []


def test_zammad_5624_the_target_of_the_team_before_is_gone_with_the_ball():
    story = Story("9:00").hands("9:30", NORTHWIND)
    before = level(binds={"team": "desk"})
    assert [(turn.verdict, turn.due) for turn in judged(story, before, now="12:00")] == [(Verdict.PAUSED, None)]
    chosen = level(targets=[{"provider": "northwind", "within": "8h"}, {"within": "1h"}])
    assert [(turn.target, turn.due) for turn in judged(story, chosen, now="10:00")] == [(8 * HOUR, clock("17:00"))]


def test_zammad_904_a_merged_ticket_never_warns():
    found = judged(Story("9:00").merges("10:00"), level(), now="20:00")
    assert [(turn.verdict, turn.stop, turn.due, turn.why) for turn in found] == [
        (Verdict.UNJUDGED, clock("10:00"), None, "merged")
    ]


def test_zammad_1322_the_requester_s_answer_by_any_way_in_starts_the_clock_again():
    story = Story("9:00").waits("10:00").asks("11:00").goes_on("11:00", hat=REQUESTER)
    found = judged(story, level(pauses=REQUESTER_PAUSES), now="11:30")[0]
    assert (found.verdict, found.used, found.due) == (Verdict.RUNNING, 3 * HOUR // 2, clock("12:00"))


def test_frappe_1554_what_is_shown_as_paused_stands_still():
    story = Story("9:00").waits("10:00")
    by = level(pauses=REQUESTER_PAUSES)
    early, late = judged(story, by, now="10:01")[0], judged(story, by, now="fri 10:00")[0]
    assert (early.verdict, late.verdict, early.used, late.used) == (Verdict.PAUSED, Verdict.PAUSED, HOUR, HOUR)


def test_frappe_2449_a_hold_over_the_weekend_moves_the_due_time_by_working_time():
    story = Story("fri 15:00")
    story.waits("fri 16:00").goes_on("1+mon 10:00")
    found = judged(story, level(within="4h", pauses=REQUESTER_PAUSES), now="1+mon 10:00", hours=OFFICE)[0]
    assert (found.used, found.due) == (HOUR, clock("1+mon 14:00"))


def test_frappe_2212_lunch_stops_the_clock():
    found = judged(Story("11:30"), level(within="2h"), now="12:40", hours=OFFICE)[0]
    assert (found.verdict, found.used, found.due) == (Verdict.RUNNING, HOUR // 2, clock("14:30"))


def test_frappe_3236_working_time_and_all_time_are_both_told():
    found = judged(Story("16:00").resolves("tue 10:00"), level(within="2h"), hours=OFFICE)[0]
    assert (found.verdict, found.used, found.gross) == (Verdict.MET, 2 * HOUR, 18 * HOUR)


def test_osticket_3034_waiting_for_parts_pauses_where_the_level_says_so():
    story = Story("9:00").waits("10:00", "parts").goes_on("tue 10:00").resolves("tue 10:30")
    for binds in ("requester", {"team": "desk"}):
        assert brief(judged(story, level(binds=binds, pauses=[{"wait": "parts"}]))) == [("met", 1.5, "resolved")]
        assert brief(judged(story, level(binds=binds))) == [("missed", 25.5, "resolved")]
    assert story.holdings()[1] == Holding("team", DESK, clock("10:00"), clock("tue 10:00"), "parts")


def test_osticket_1168_hours_in_which_nobody_works_do_not_count():
    found = judged(Story("20:00").resolves("tue 10:00"), level(within="2h"), hours=OFFICE)
    assert brief(found) == [("met", 1.0, "resolved")]


def test_chatwoot_10178_nothing_waits_for_an_answer_after_resolving_and_targets_follow_the_team():
    story = Story("9:00").replies("9:10").asks("9:20").resolves("9:30")
    assert brief(judged(story, level("next_response"), now="fri 9:00")) == [("met", 1 / 6, "resolved")]
    moved = Story("9:00").hands("9:30", NETWORK).hands("10:00", NORTHWIND, of=NETWORK)
    rows = [{"provider": "northwind", "within": "8h"}, {"within": "1h"}]
    assert judged(moved, level(targets=rows), now="10:10")[0].target == 8 * HOUR
    assert judged(moved, level(targets=rows, on_hand_over="keep"), now="10:10")[0].target == HOUR


def test_chatwoot_13392_late_means_late_in_working_time():
    found = judged(Story("16:30"), level(within="2h"), now="tue 9:30", hours=OFFICE)[0]
    assert (found.verdict, found.used, found.due) == (Verdict.RUNNING, HOUR, clock("tue 10:30"))
    over = judged(Story("16:30"), level(within="2h"), now="tue 10:31", hours=OFFICE)[0]
    assert (over.verdict, over.due) == (Verdict.LATE, clock("tue 10:30"))
