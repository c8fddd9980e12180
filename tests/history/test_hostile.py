"""Whatever a file holds, the answer is a table, a refused row, or one named error; never a crash, never a lost row."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmdesk.history.delimited import Unreadable
from helmdesk.history.mapping import BadMapping, read
from helmdesk.history.observation import Refused
from helmdesk.history.providers_map import BadProviders, read_providers
from helmdesk.history.servicenow import AuditLog
from helmdesk.history.tables import MappedTable
from tests.history.test_servicenow import MADE_UP
from tests.history.test_tables import HEADER, TICKETS, WHOLE
from tests.history.told import outcomes

UNDECODED = "\udcff"
HOSTILE = ["", "?", "-", '"', "\n", "\0", UNDECODED, "=1+1", "0001-01-01T00:00+14:00", "9" * 5_000, "x" * 70_000]
VALUES = st.sampled_from(HOSTILE) | st.text(max_size=20)


def written(folder: str, data: bytes) -> Path:
    path = Path(folder) / "file.csv"
    path.write_bytes(data)
    return path


def sources(path: Path):
    yield lambda: MappedTable(path, read(TICKETS.replace("dates = [", 'dates = ["iso", "epoch", ')))
    yield lambda: AuditLog(path, zone="America/Sao_Paulo")


def check(data: bytes) -> int:
    """How many ways of reading it there are; each gives as many outcomes as the survey counts rows."""
    ways = 0
    with tempfile.TemporaryDirectory() as folder:
        for source in sources(written(folder, data)):
            try:
                table = source()
                found = list(outcomes(table))
            except (Unreadable, BadMapping):
                continue
            ways += 1
            assert len(found) == table.survey().rows
            assert all(each.reason and each.cure for each in found if isinstance(each, Refused))
    return ways


@given(st.binary(max_size=400), st.sampled_from([b"", HEADER.encode() + b"\n", MADE_UP.read_bytes()[:600]]))
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_any_bytes_after_any_beginning(data, beginning):
    check(beginning + data)
    check(gzip.compress(beginning + data)[: len(data)])


@given(st.integers(0, 16), VALUES)
@settings(max_examples=150)
def test_any_value_in_any_column_of_a_ticket_table(place, value):
    fields = WHOLE.split(",")
    fields[place] = value
    rows = [HEADER, ",".join(fields), WHOLE]
    assert check("\n".join(rows).encode(errors="surrogateescape")) == (value != UNDECODED)


@given(st.integers(0, 25), VALUES)
@settings(max_examples=150)
def test_any_value_in_any_column_of_an_audit_log(place, value):
    header, first, second, *_ = MADE_UP.read_text().splitlines()
    fields = first.split(",")
    fields[place] = value
    assert check("\n".join([header, ",".join(fields), second]).encode(errors="surrogateescape")) == (value != UNDECODED)


def faults_of(reader, refusal, text):
    try:
        reader(text)
    except refusal as refused:
        return refused.faults
    return None


NODES = st.recursive(
    st.sampled_from(['"x"', "7", "true", "[]", '["a"]', "{}", "1979-05-27", '"' + "%d" * 99 + '"']),
    lambda inner: inner.map(lambda node: f"{{ a = {node} }}") | inner.map(lambda node: f"[{node}]"),
)
KEYS = st.sampled_from(
    """name rows dates zone empty delimiter encoding columns.id columns.opened columns fields fields.a status status.x
    priority priority.x type resolution.x group_held_throughout groups groups.a providers providers.a""".split()
)


@given(st.dictionaries(KEYS, NODES, max_size=6))
@settings(max_examples=300)
def test_any_toml_is_a_mapping_or_named_faults(said):
    text = "\n".join(f"{key} = {node}" for key, node in said.items())
    for reader, refusal in ((read, BadMapping), (read_providers, BadProviders)):
        assert faults_of(reader, refusal, text) != []
