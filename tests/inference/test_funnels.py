"""A funnel tells how far a share may lie from the common one by chance alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmdesk.inference.counts import at_most
from helmdesk.inference.funnels import funnel
from helmdesk.inference.proportions import Interval


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_the_limits_are_where_the_interpolated_chance_reaches_the_tail(share: float, level: float) -> None:
    """Spiegelhalter 2005, appendix A.1.1, read backwards."""
    n, tail = 80, (1 - level) / 2
    found = funnel(share, n, level)
    for limit, chance in ((found.low, tail), (found.high, 1 - tail)):
        if 0 < limit < 1:
            whole = int(limit * n + 1e-9)
            part = limit * n - whole
            between = at_most(whole, n, share) * (1 - part) + at_most(whole + 1, n, share) * part
            assert between == pytest.approx(chance, abs=1e-6)


@settings(max_examples=40)
@given(st.floats(0.05, 0.95), st.integers(5, 400))
def test_a_funnel_narrows_with_the_number_and_holds_the_common_share(share: float, n: int) -> None:
    near, far = funnel(share, n, 0.95), funnel(share, n, 0.998)
    assert far.low <= near.low <= near.high <= far.high
    assert near.low - 1 / n <= share <= near.high + 1 / n
    many = funnel(share, 4 * n)
    assert many.high - many.low <= near.high - near.low + 1e-9


def test_where_all_or_nothing_is_met_there_is_no_chance() -> None:
    assert (funnel(0.0, 9), funnel(1.0, 9)) == (Interval(0.0, 0.0), Interval(1.0, 1.0))


@pytest.mark.parametrize(("share", "n"), [(-0.1, 5), (1.1, 5), (0.5, 0)])
def test_what_cannot_be_a_share_is_refused(share: float, n: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        funnel(share, n)
