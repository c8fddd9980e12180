"""Files from strangers: kept whole or not at all, named honestly, and harmless when they come back."""

import errno
import hashlib
import io
import os
import re
import stat
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmdesk.foundation import files
from helmdesk.foundation.files import FileRefused, Limits, disposition, open_stored, safe_name, sniff, store, sweep

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
ANY_TYPE = Limits()
DAY = timedelta(days=1)


def kept(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_a_stored_file_comes_back_byte_for_byte(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    stored = store(io.BytesIO(content), name="scan.bin", limits=ANY_TYPE, root=tmp_path / "files")
    with open_stored(stored.key, root=tmp_path / "files") as file:
        assert file.read() == content
    assert stored.size == len(content)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert kept(tmp_path) == [stored.key]


def test_the_place_of_files_comes_from_the_settings(tmp_path: Path, settings) -> None:
    settings.HELMDESK_FILES = tmp_path
    stored = store(io.BytesIO(b"hello"), name="a.txt", limits=ANY_TYPE)
    assert kept(tmp_path) == [stored.key]
    assert files.delete(stored.key)
    assert not files.delete(stored.key)
    with pytest.raises(FileNotFoundError):
        open_stored(stored.key)


def test_only_the_desk_can_read_what_it_keeps(tmp_path: Path) -> None:
    stored = store(io.BytesIO(b"hello"), name="a.txt", limits=ANY_TYPE, root=tmp_path / "files")
    path = files.path_of(stored.key, root=tmp_path / "files")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)} == {0o700}


def test_a_file_is_on_the_disk_before_its_key_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def watched(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", watched)
    stored = store(io.BytesIO(b"hello"), name="a.txt", limits=ANY_TYPE, root=tmp_path)
    path = files.path_of(stored.key, root=tmp_path)
    assert synced == [str(tmp_path), str(path), str(path.parent)]


def test_two_equal_files_are_kept_apart(tmp_path: Path) -> None:
    one, two = (store(io.BytesIO(b"same"), name="a.txt", limits=ANY_TYPE, root=tmp_path) for _ in range(2))
    assert one.key != two.key
    assert len(kept(tmp_path)) == 2


def test_a_file_over_the_limit_is_refused_while_it_comes_in_and_leaves_nothing(tmp_path: Path) -> None:
    class Endless:
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(FileRefused) as refused:
        store(endless, name="big.log", limits=Limits(max_bytes=1024 * 1024), root=tmp_path)
    assert endless.given < 2 * 1024 * 1024
    assert kept(tmp_path) == []
    assert (refused.value.code, refused.value.field, refused.value.value) == ("too_large", "file", "big.log")
    assert "1 MB" in refused.value.message
    assert refused.value.cure


def test_a_file_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    limits = Limits(max_bytes=100_000)
    assert store(io.BytesIO(b"x" * 100_000), name="a", limits=limits, root=tmp_path).size == 100_000
    with pytest.raises(FileRefused):
        store(io.BytesIO(b"x" * 100_001), name="a", limits=limits, root=tmp_path)


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        store(Broken(b"x" * 500_000), name="a.txt", limits=ANY_TYPE, root=tmp_path)
    assert kept(tmp_path) == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "files").mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileRefused, match="disk of the desk is full") as refused:
        store(io.BytesIO(b"hello"), name="a.txt", limits=ANY_TYPE, root=tmp_path / "files")
    assert refused.value.code == "disk_full"
    assert kept(tmp_path) == []


def test_a_stream_in_small_pieces_is_typed_by_its_whole_head(tmp_path: Path) -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 3, 3))

    stored = store(Dripping(PNG * 10), name="a.png", limits=ANY_TYPE, root=tmp_path)
    assert (stored.media_type, stored.size) == ("image/png", len(PNG) * 10)


@pytest.mark.parametrize(
    "name", ["invoice.exe", "Rechnung.pdf.EXE", "a.scr.", "photo.jpg.lnk", "x.\u202ejs", "a.hta  "]
)
def test_what_runs_on_opening_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        store(io.BytesIO(b"hello"), name=name, limits=ANY_TYPE, root=tmp_path)
    assert refused.value.code == "blocked_extension"
    assert kept(tmp_path) == []


def test_a_program_under_another_name_is_refused_by_its_content(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="whatever its name says") as refused:
        store(io.BytesIO(b"MZ\x90\x00\x03\x00"), name="holiday.jpg", limits=ANY_TYPE, root=tmp_path)
    assert refused.value.code == "blocked_type"


def test_a_desk_may_take_pictures_only(tmp_path: Path) -> None:
    pictures = Limits(allowed_types=frozenset({"image/png", "image/jpeg"}))
    assert store(io.BytesIO(PNG), name="a.txt", limits=pictures, root=tmp_path).media_type == "image/png"
    with pytest.raises(FileRefused, match="Send image/jpeg or image/png"):
        store(io.BytesIO(b"hello"), name="a.png", limits=pictures, root=tmp_path)


def test_more_files_than_a_message_carries_are_refused_by_number() -> None:
    files.check_count(20, limits=ANY_TYPE)
    with pytest.raises(FileRefused, match="at most 20") as refused:
        files.check_count(21, limits=ANY_TYPE)
    assert (refused.value.field, refused.value.value) == ("files", "21")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "a" * 31,
        "a" * 33,
        "a" * 31 + "/",
        "a" * 31 + "\x00",
        "a" * 32 + "\n",
    ],
)
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    for touch in (files.path_of, open_stored, files.delete):
        with pytest.raises(ValueError, match="is not the key of a stored file"):
            touch(key, root=tmp_path)


def test_orphans_are_swept_after_a_day_and_named_files_stay(tmp_path: Path) -> None:
    named, orphan, young = (store(io.BytesIO(b"x"), name="a", limits=ANY_TYPE, root=tmp_path).key for _ in range(3))
    stranger = tmp_path / "README"
    stranger.write_text("not ours")
    now = datetime.now(UTC)
    for key in (named, orphan):
        os.utime(files.path_of(key, root=tmp_path), times=((now - 2 * DAY).timestamp(),) * 2)
    asked: list[set[str]] = []

    def keep(keys: set[str]) -> set[str]:
        asked.append(keys)
        return keys & {named}

    assert sweep(keep, older_than=now - DAY, root=tmp_path) == 1
    assert asked == [{named, orphan}]
    assert kept(tmp_path) == sorted(["README", named, young])
    assert sweep(keep, older_than=now - DAY, root=tmp_path / "nowhere") == 0


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\anna\\scan.pdf", "C__Users_anna_scan.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("pay\u200broll\x00.xlsx", "payroll.xlsx"),
        ("  .htaccess ", "htaccess"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"),
        ("Gru\u0308ße.txt", "Grüße.txt"),
        ("con.txt", "_con.txt"),
        ("AC/DC.mp3", "AC_DC.mp3"),
        ("", "file"),
        ("...", "file"),
        ("\x00\u200b", "file"),
        ("\ud800.txt", "txt"),
    ],
)
def test_a_name_stays_honest_and_becomes_harmless(sent: str, shown: str) -> None:
    assert safe_name(sent) == shown


def test_a_name_of_300_characters_keeps_its_extension() -> None:
    for letter in ("x", "ж", "語", "😀"):
        short = safe_name(letter * 300 + ".tar.gz")
        assert short.endswith(".gz")
        assert 250 <= len(short.encode()) <= files.MAX_NAME_BYTES
    assert len(safe_name("x." + "y" * 300).encode()) <= files.MAX_NAME_BYTES


@given(st.text(max_size=400))
def test_any_name_can_be_shown_saved_and_sent(sent: str) -> None:
    name = safe_name(sent)
    assert safe_name(name) == name
    assert 0 < len(name.encode()) <= files.MAX_NAME_BYTES
    assert not re.search(r'[/\\:*?"<>|]', name)
    assert not name.startswith(".")
    assert not any(unicodedata.category(letter)[0] == "C" for letter in name)
    header = disposition(sent)
    assert re.fullmatch(r"attachment; filename=\"[A-Za-z0-9 ._()-]+\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+", header)


def test_a_download_is_named_in_ascii_and_in_full() -> None:
    assert disposition("Отчёт.pdf") == (
        "attachment; filename=\"file.pdf\"; filename*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82.pdf"
    )
    assert disposition("Grüße 1.txt", inline=True) == (
        "inline; filename=\"Grue 1.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%201.txt"
    )


@pytest.mark.parametrize(
    ("first_bytes", "name", "media_type"),
    [
        (PNG, "a.html", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "", "image/jpeg"),
        (b"%PDF-1.7\n", "a.png", "application/pdf"),
        (
            b"PK\x03\x04\x14\x00",
            "Bericht.DOCX",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"PK\x03\x04\x14\x00", "a.pdf", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "mail.msg", "application/vnd.ms-outlook"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", "", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom", "", "video/mp4"),
        (b"\x7fELF\x02\x01\x01\x00", "notes.txt", "application/x-elf"),
        (b"hello\n", "a.exe.txt", "text/plain"),
        (b"BMW;MZ 12;PK\n", "a.csv", "text/csv"),
        (b"MZ is a car from East Germany", "a.txt", "text/plain"),
        (b"<!DOCTYPE html><script>", "a.txt", "text/html"),
        (b"\n\n <ScRiPt>alert(1)</script>", "a.csv", "text/html"),
        (b"<?xml version='1.0'?><svg xmlns=''>", "a.png", "image/svg+xml"),
        ("<html>".encode("utf-16"), "a.txt", "text/html"),
        (b"<?xml version='1.0'?><order/>", "a.xml", "application/xml"),
        (b"\x00\x01\x02", "a.png", "application/octet-stream"),
        (b"\x1b[31mred\x1b[0m", "a.log", "text/plain"),
        ("Größe".encode("latin-1"), "a.txt", "text/plain"),
        (b"", "a.txt", "text/plain"),
    ],
)
def test_a_file_is_what_it_holds_and_not_what_it_says(first_bytes: bytes, name: str, media_type: str) -> None:
    assert sniff(first_bytes, name) == media_type


@given(st.binary(max_size=600), st.text(max_size=20))
def test_anything_can_be_sniffed(first_bytes: bytes, name: str) -> None:
    assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", sniff(first_bytes, name))


def test_a_download_can_run_nothing() -> None:
    assert files.DOWNLOAD_HEADERS["X-Content-Type-Options"] == "nosniff"
    assert files.DOWNLOAD_HEADERS["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in files.DOWNLOAD_HEADERS["Cache-Control"]
    assert files.DOWNLOAD_HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"
