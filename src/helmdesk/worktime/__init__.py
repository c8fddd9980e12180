"""Working calendars and working time. Pure: no Django, no database; numpy and numba in `arrays` and `kernels` only.

The rules, which both sides of a contract can check with a clock and a wall calendar:

- **A calendar is open at an instant exactly when the wall clock of its zone then shows an open time.** So an opening or
  closing time that the clock skips (a gap) falls on the instant of the change; hours wholly inside a gap do not take
  place; hours that the clock shows twice (a fold) are open twice, and a boundary inside a fold is crossed twice.
- Intervals are half-open: open at the opening time, closed at the closing time.
- An interval whose end is not after its start runs on into the next day, and belongs to the day on which it starts. A
  day's exception replaces the intervals that start on it; what spills into it from the day before stays.
- Instants are integer microseconds since 1970 in UTC, 1990 to the end of 2100; durations are integer microseconds.
- `elapsed(a, b)` is the open time between a and b, and -elapsed(b, a) where b is before a.
- `add(a, us)` for us >= 0 is the **earliest** instant b >= a with elapsed(a, b) == us. So add(a, 0) == a, open or not;
  a promise that is used up at closing time is due at closing time, not at the next opening; and
  add(a, elapsed(a, b)) == b wherever open time comes right before b. For us < 0 it is the **latest** instant b <= a
  with elapsed(b, a) == -us.

Zones are those of the installed `tzdata` package, never the machine's, so that the same figures come out everywhere;
`zones.edition()` names it.
"""
