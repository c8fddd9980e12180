"""The demo's tickets go in some at a time, and one that names another goes in with it, wherever the cut would fall."""

import pytest

from helmdesk.exchange.demo.load import together
from helmdesk.exchange.observing import Happening, Observed


def ticket(ref: str, *, names: str | None = None) -> Observed:
    other = None if names is None else ("source", names)
    return Observed([Happening("ticket.opened", 0, {}), Happening("merge.received", 1, {}, other=other)], ref=ref)


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_a_ticket_is_never_parted_from_a_later_one_that_it_names(most: int) -> None:
    told = [ticket("a"), ticket("b", names="d"), ticket("c"), ticket("d", names="b"), ticket("e"), ticket("f")]

    batches = [[one.ref for one in some] for some in together(told, most)]

    assert [ref for batch in batches for ref in batch] == ["a", "b", "c", "d", "e", "f"]
    assert any({"b", "d"} <= set(batch) for batch in batches)


def test_tickets_that_name_none_go_in_as_many_at_a_time_as_asked() -> None:
    told = [ticket(ref) for ref in "abcde"]

    assert [[one.ref for one in some] for some in together(told, 2)] == [["a", "b"], ["c", "d"], ["e"]]
    assert list(together([], 2)) == []
