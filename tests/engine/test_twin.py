"""The kernel and its plain twin, on random desks."""

import pytest

from helmdesk.engine import kernel, reference
from helmdesk.engine.prepared import prepare
from tests.engine.worlds import DAY, MONDAY, world


@pytest.mark.parametrize("seed", range(40))
def test_the_kernel_does_with_every_piece_of_work_what_the_plain_engine_does(seed: int) -> None:
    arrangement, table = world(seed)
    prepared = prepare(arrangement, since=MONDAY, until=MONDAY + 30 * DAY)

    assert kernel.run(prepared, table).same_as(reference.run(prepared, table))
