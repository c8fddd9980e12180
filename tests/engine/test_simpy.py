"""An independent model of the same rules, in SimPy, agrees on every ticket."""

import numpy as np
import pytest

from helmdesk.engine import kernel
from helmdesk.engine.prepared import prepare
from tests.engine.simpy_model import Model
from tests.engine.worlds import DAY, MONDAY, world


@pytest.mark.parametrize("seed", [*range(100, 130), 1005, 1110, 1137, 1143, 1209])
def test_the_kernel_does_with_every_piece_of_work_what_a_model_in_simpy_does(seed: int) -> None:
    arrangement, table = world(seed, tickets=250)
    since, until = MONDAY, MONDAY + 20 * DAY
    model = Model(arrangement, table, since=since, until=until)
    log = model.run()

    outcome = kernel.run(prepare(arrangement, since=since, until=until), table)

    assert np.array_equal(outcome.pieces, np.array(log))
    assert outcome.gave_up.tolist() == [case.gave_up for case in model.cases]
    assert outcome.busy.tolist() == [person.busy for person in model.people]
