"""Tables are streamed within bounds; a row that cannot be read is named; scattered tickets are brought together."""

from __future__ import annotations

import gzip
import random
import tracemalloc

import pytest

from helmdesk.history import delimited, grouping
from helmdesk.history.delimited import Record, Table, Unreadable
from helmdesk.history.grouping import Survey, by_ticket, survey

NOISE = random.Random(1).randbytes(90_000).hex().encode()


@pytest.fixture
def table(tmp_path):
    def write(data, **options):
        path = tmp_path / "table.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return Table(path, **options)

    return write


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(table, delimiter):
    found = table(f'id{delimiter}"a, b; c"{delimiter}x\n1{delimiter}"2"{delimiter}3\n')
    assert (found.delimiter, found.header) == (delimiter, ["id", "a, b; c", "x"])
    assert list(found.records()) == [Record(2, ["1", "2", "3"])]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(table):
    found = table('id,text\r\n1,"two\r\nlines"\r\n\r\n2,x\r\n')
    assert [(record.number, record.fields) for record in found.records()] == [
        (2, ["1", "two\r\nlines"]),
        (4, ["2", "x"]),
    ]


@pytest.mark.parametrize(
    "line, fault",
    [
        ("1", "has 1 columns where the header has 2"),
        ("1,2,3", "has 3 columns where the header has 2"),
        ('1,"a"b', "cannot be read: ',' expected after '\"'"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_next_is_read(table, line, fault):
    bad, good = table(f"id,text\n{line}\n2,x\n").records()
    assert (bad.number, bad.fields, bad.fault) == (2, [], fault)
    assert bad.cure
    assert good == Record(3, ["2", "x"])


def test_a_quote_never_closed_is_a_fault_and_not_silence(table):
    *_, last = table('id,text\n1,a\n2,"b\n3,c\n').records()
    assert (last.number, last.fault) == (3, "cannot be read: unexpected end of data")


def test_a_field_without_end_is_refused(table, monkeypatch):
    monkeypatch.setattr(delimited, "MAX_FIELD", 100)
    bad, good = table("id,text\n1," + "x" * 101 + "\n2,y\n").records()
    assert bad.fault == "cannot be read: field larger than field limit (100)"
    assert good.fields == ["2", "y"]


def test_a_line_without_end_is_no_table(table, monkeypatch):
    monkeypatch.setattr(delimited, "MAX_LINE", 1_000)
    with pytest.raises(Unreadable, match="a line longer than 1,000 characters"):
        list(table("id,text\n" + "x" * 2_000).records())


def test_more_rows_than_the_bound_are_no_table(table, monkeypatch):
    monkeypatch.setattr(delimited, "MAX_ROWS", 2)
    with pytest.raises(Unreadable, match="more than 2 rows"):
        list(table("id,text\n1,2\n1,2\n").records())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_marked_encoding_is_read(table, encoding):
    found = table("id,Größe\n1,ß\n".encode(encoding))
    assert (found.header, [record.fields for record in found.records()]) == (["id", "Größe"], [["1", "ß"]])


def test_an_old_encoding_is_never_guessed(table):
    data = "id,Größe\n1,ß\n".encode("cp1252")
    with pytest.raises(Unreadable, match=r"not UTF-8 \(byte 0xf6 at 5\)\. Name its encoding"):
        table(data)
    assert table(data, encoding="cp1252").header == ["id", "Größe"]


def test_bytes_of_another_encoding_far_down_refuse_their_row_only(table):
    data = b"id,text\n" + b"1,ok\n" * 20_000 + b"2,\xff\n" + b"3,ok\n"
    bad = [record for record in table(data).records() if record.fault]
    assert [(record.number, record.fault) for record in bad] == [(20_002, "'text' holds bytes that are not utf-8-sig")]


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "has no header"),
        (b"\n1,2\n", "has no header"),
        (b"just one column\n1\n", "holds none of"),
        (b"a,\0b\n\0\0,\0", "holds zero bytes"),
        (b"\x1f\x8bnot gzip", "breaks off or is damaged"),
        (
            gzip.compress(b"a,b\n" + random.Random(1).randbytes(9).hex().encode() * 9_000)[:-300],
            "breaks off or is damaged",
        ),
        (",".join("abc" for _ in range(1_001)).encode(), "has 1001 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(table, data, reason):
    with pytest.raises(Unreadable, match=reason):
        list(table(data).records())


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(Unreadable, match="cannot be opened: No such file"):
        Table(tmp_path / "no.csv")
    (tmp_path / "a.csv").write_text("a,b\n")
    with pytest.raises(Unreadable, match="'klingon' is no encoding"):
        Table(tmp_path / "a.csv", encoding="klingon")


def test_scattered_rows_are_brought_together_in_file_order(table, monkeypatch):
    monkeypatch.setattr(grouping, "RUN", 7)
    monkeypatch.setattr(grouping, "BLOCK", 2)
    dice = random.Random(4)
    lines = [f"{dice.randrange(9)},{n}" for n in range(100)]
    found = table("id,n\n" + "\n".join(lines) + "\nodd\n,blank\n")
    assert survey(found, 0) == Survey(rows=102, tickets=9, together=False)
    groups = list(by_ticket(found, 0, together=False))
    expected: dict[str, list[str]] = {}
    for line in lines:
        name, n = line.split(",")
        expected.setdefault(name, []).append(n)
    whole = {
        group[0].fields[0]: [r.fields[1] for r in group] for group in groups if group[0].fields and group[0].fields[0]
    }
    assert whole == expected
    assert len(groups) == len(expected) + 2


def test_rows_that_lie_together_come_as_they_lie(table):
    found = table("id,n\nb,1\nb,2\na,3\nx\na,4\n")
    assert survey(found, 0) == Survey(rows=5, tickets=2, together=True)
    assert [[record.number for record in group] for group in by_ticket(found, 0, together=True)] == [
        [2, 3],
        [5],
        [4, 6],
    ]


def test_memory_does_not_grow_with_the_file(table):
    found = table("id,n\n" + "".join(f"{n % 5000},{n}\n" for n in range(200_000)))
    tracemalloc.start()
    for _ in by_ticket(found, 0, together=False):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000
