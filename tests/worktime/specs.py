"""Random calendars near the days on which clocks change, and instants there."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.worktime.twin import NAMES, us

HOUR = 3_600_000_000
DAY = 24 * HOUR

TURNING_POINTS = [
    ("Europe/Vienna", "2026-03-29"),
    ("Europe/Vienna", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2006-10-29"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2019-02-17"),
    ("America/Sao_Paulo", "2024-02-29"),
    ("Asia/Kathmandu", "2000-02-29"),
    ("Asia/Tehran", "2022-03-22"),
    ("Asia/Tehran", "2022-09-22"),
    ("Asia/Pyongyang", "2018-05-05"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Apia", "2100-12-29"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Europe/Vienna", "1990-01-03"),
    ("Europe/Vienna", "2100-02-28"),
]

minutes = st.one_of(st.sampled_from([0, 60, 90, 105, 120, 135, 150, 180, 1380, 1439]), st.integers(0, 1439))


@st.composite
def intervals(draw):
    """A text such as "08:15-12:00", across midnight too."""
    start, end = draw(minutes), draw(st.one_of(minutes, st.just(1440)))
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


days_hours = st.lists(intervals(), max_size=3)


@st.composite
def weekly(draw, zone, date):
    week = draw(st.dictionaries(st.sampled_from(NAMES), days_hours, min_size=1))
    near = [date, date[:8] + "01", date[:8] + f"{int(date[8:]) - 1:02}"]
    days = draw(st.dictionaries(st.sampled_from(near), days_hours, max_size=2))
    return {"zone": zone, "week": week, "days": {day: open_ for day, open_ in days.items() if day[8:] != "00"}}


@st.composite
def calendars(draw):
    """A spec, and the instant about which it is worth asking: one zone, or several put together."""
    zone, date = draw(st.sampled_from(TURNING_POINTS))
    spec = draw(weekly(zone, date))
    if draw(st.integers(0, 2)) == 0:
        others = [weekly(other, date) for other in ("UTC", "Asia/Kathmandu", zone)]
        parts = draw(st.lists(st.one_of(*others, st.just({"always": True})), max_size=2))
        spec = {draw(st.sampled_from(["any", "all"])): [spec, *parts]}
    return spec, us(f"{date} 00:00", zone)


near = st.one_of(st.integers(-36 * HOUR, 36 * HOUR), st.integers(-144, 144).map(lambda n: n * HOUR // 4))
far = st.integers(-450 * DAY, 450 * DAY)
