"""Files from strangers: kept outside the web root under random names, typed by their content, handed back harmless.

A file is written and synced before the transaction that names it, so a row never points at nothing; what a failed
transaction leaves behind is swept after a day.
"""

import errno
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import quote

from django.conf import settings

from helmdesk.foundation.time import to_us

CHUNK = 64 * 1024
SNIFFED = 4096
MAX_NAME_BYTES = 255

DOWNLOAD_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}

# What Windows runs on a double click, and what brings such a file along unseen.
RUNNABLE_EXTENSIONS = frozenset(
    "appref-ms application bat chm cmd com cpl dll exe gadget hta inf ins isp jar jnlp js jse lnk mde msc msi msix msp "
    "mst pif ps1 ps2 psc1 psc2 reg scf scr sct shb sys url vb vbe vbs vhd vhdx ws wsc wsf wsh xll".split()
)
RUNNABLE_TYPES = frozenset(
    {"application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-mach-binary"}
)


class FileRefused(ValueError):
    """A file that is not taken: `field` and `value` say which, `cure` what the sender can do. Nothing was kept."""

    def __init__(self, code: str, message: str, *, field: str, value: str, cure: str) -> None:
        super().__init__(f"{message} {cure}")
        self.code, self.message, self.field, self.value, self.cure = code, message, field, value, cure


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a desk takes. `allowed_types` None means any type that is not blocked."""

    max_bytes: int = 25 * 1024 * 1024
    max_count: int = 20
    allowed_types: frozenset[str] | None = None
    blocked_types: frozenset[str] = RUNNABLE_TYPES
    blocked_extensions: frozenset[str] = RUNNABLE_EXTENSIONS


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies safely on the disk: its random key, bytes, hexadecimal digest and type by content."""

    key: str
    size: int
    sha256: str
    media_type: str


class Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def check_count(count: int, *, limits: Limits) -> None:
    """Refuse more files at once than a message may carry, before any is written."""
    if count > limits.max_count:
        raise FileRefused(
            "too_many",
            f"{count} files are more than one message can carry.",
            field="files",
            value=str(count),
            cure=f"Send at most {limits.max_count}, or pack them into one archive.",
        )


def store(stream: Readable, *, name: str, limits: Limits, root: Path | None = None) -> Stored:
    """Write the stream under a random key and sync it. A refused or broken one leaves nothing behind.

    Raises FileRefused for a blocked kind, a size over the limit, or a full disk.
    """
    name = safe_name(name)
    _check_extension(name, limits)
    head = _read_exactly(stream, SNIFFED)
    media_type = sniff(head, name)
    _check_type(name, media_type, limits)
    key = secrets.token_urlsafe(24)
    path = path_of(key, root=root)
    try:
        _make_folder(path.parent)
        size, sha256 = _write(path, _bounded(head, stream, name, limits.max_bytes))
    except BaseException as broken:
        path.unlink(missing_ok=True)
        if isinstance(broken, OSError) and broken.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(name) from broken
        raise
    return Stored(key, size, sha256, media_type)


def open_stored(key: str, *, root: Path | None = None) -> BinaryIO:
    """The file for reading; FileNotFoundError when it is gone, ValueError when `key` was never one of ours."""
    return path_of(key, root=root).open("rb")


def delete(key: str, *, root: Path | None = None) -> bool:
    """Remove the file for good; false when it was gone before."""
    path = path_of(key, root=root)
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed


def sweep(keep: Callable[[set[str]], set[str]], *, older_than: datetime, root: Path | None = None) -> int:
    """Remove the files that nothing names and that were written before `older_than`; say how many.

    `keep` is asked for some keys at a time, and answers with those that a row still names.
    """
    removed = 0
    for some in batched(_keys_written_before(older_than, _root(root)), 500, strict=False):
        for key in set(some) - keep(set(some)):
            removed += delete(key, root=root)
    return removed


def path_of(key: str, *, root: Path | None = None) -> Path:
    """Where a key lies, below the root and nowhere else."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"key: {key[:80]!r} is not the key of a stored file. Take it from the row of the file.")
    return _root(root) / key[:2] / key


def safe_name(name: str) -> str:
    """The sender's name of a file as it can be shown, saved and sent anywhere: as honest as it is harmless."""
    name = unicodedata.normalize("NFC", name)
    name = "".join(" " if letter in "\t\r\n" else letter for letter in name if not _is_hidden(letter))
    name = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", name)).strip(" .")
    if _DEVICE.match(name):
        name = f"_{name}"
    return _shorten(name) or "file"


def sniff(first_bytes: bytes, name: str = "") -> str:
    """The media type by content. The name only tells apart what shares a content: archives, and kinds of text."""
    extension = extension_of(name)
    if first_bytes[:5] == b"%PDF-":
        return "application/pdf"
    if first_bytes[:5] == b"{\\rtf":
        return "application/rtf"
    if _is_text(first_bytes):
        return _sniff_text(first_bytes, extension)
    for offset, magic, media_type in _MAGIC:
        if first_bytes[offset : offset + len(magic)] == magic:
            if media_type == "application/zip":
                return _ZIP_BY_EXTENSION.get(extension, media_type)
            if media_type == "application/x-ole-storage":
                return _OLE_BY_EXTENSION.get(extension, media_type)
            return media_type
    if first_bytes[:4] == b"RIFF":
        return _RIFF.get(first_bytes[8:12], "application/octet-stream")
    if first_bytes[4:8] == b"ftyp":
        return _ISO_BRANDS.get(first_bytes[8:12], "video/mp4")
    return "application/octet-stream"


def extension_of(name: str) -> str:
    """The last extension in lower case, without its dot."""
    return name.rpartition(".")[2].strip().lower() if "." in name else ""


def disposition(name: str, *, inline: bool = False) -> str:
    """The Content-Disposition of a download: the name in ASCII, and whole as RFC 5987 writes it."""
    name = safe_name(name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain).strip(" .") or "file"
    if plain == extension_of(name):
        plain = f"file.{plain}"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


_KEY = re.compile(r"[A-Za-z0-9_-]{32}")


def _root(root: Path | None) -> Path:
    return Path(settings.HELMDESK_FILES) if root is None else root


def _make_folder(folder: Path) -> None:
    for missing in (folder.parent, folder):
        if not missing.is_dir():
            missing.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_folder(missing.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, chunks: Iterator[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)
    return size, digest.hexdigest()


def _bounded(head: bytes, stream: Readable, name: str, max_bytes: int) -> Iterator[bytes]:
    seen = 0
    chunk = head
    while chunk:
        seen += len(chunk)
        if seen > max_bytes:
            raise FileRefused(
                "too_large",
                f"“{name}” is larger than {_megabytes(max_bytes)}.",
                field="file",
                value=name,
                cure="Make it smaller, or put it on a shared drive and send the link.",
            )
        yield chunk
        chunk = stream.read(CHUNK)


def _read_exactly(stream: Readable, size: int) -> bytes:
    # A pipe or socket may give less than was asked for long before its end.
    got = b""
    while len(got) < size and (more := stream.read(size - len(got))):
        got += more
    return got


def _check_extension(name: str, limits: Limits) -> None:
    extension = extension_of(name)
    if extension in limits.blocked_extensions:
        raise FileRefused(
            "blocked_extension",
            f"“{name}” is of a kind (.{extension}) that can run on opening, and is not taken.",
            field="file",
            value=name,
            cure="Send it packed into a .zip archive, or as text.",
        )


def _check_type(name: str, media_type: str, limits: Limits) -> None:
    if media_type in limits.blocked_types:
        message, cure = (
            f"“{name}” is a program, whatever its name says, and is not taken.",
            "Send a .zip archive of it.",
        )
    elif limits.allowed_types is not None and media_type not in limits.allowed_types:
        message, cure = f"“{name}” is {media_type}, which is not taken here.", f"Send {_listed(limits.allowed_types)}."
    else:
        return
    raise FileRefused("blocked_type", message, field="file", value=name, cure=cure)


def _disk_full(name: str) -> FileRefused:
    return FileRefused(
        "disk_full",
        f"“{name}” could not be kept: the disk of the desk is full.",
        field="file",
        value=name,
        cure="Tell the people who run the desk, and send it again later.",
    )


def _listed(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.3g} MB" if size >= 1024 * 1024 else f"{size} bytes"


def _keys_written_before(instant: datetime, root: Path) -> Iterator[str]:
    for folder in sorted(root.glob("??")):
        for path in folder.iterdir():
            if _KEY.fullmatch(path.name) and _written_before(to_us(instant), path):
                yield path.name


def _written_before(us: int, path: Path) -> bool:
    try:
        return path.stat().st_mtime_ns // 1000 < us
    except FileNotFoundError:  # deleted by somebody else meanwhile
        return False


# Path separators everywhere, and what Windows refuses in a name.
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\u2044\u2215\uff0f\uff3c]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def _is_hidden(letter: str) -> bool:
    # Controls, zero-width and bidi marks, halves of surrogates, private and unassigned; blanks of a line are kept.
    return unicodedata.category(letter)[0] == "C" and letter not in "\t\r\n"


def _shorten(name: str) -> str:
    """At most 255 bytes of UTF-8, cut before the extension."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 32:
        stem, dot, extension = name, "", ""
    room = MAX_NAME_BYTES - len(f"{dot}{extension}".encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + dot + extension


_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (257, b"ustar", "application/x-tar"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "application/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (0, b"BM", "image/bmp"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_ISO_BRANDS = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"avif": "image/avif",
               b"M4A ": "audio/mp4", b"qt  ": "video/quicktime"}  # fmt: skip
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
_ZIP_BY_EXTENSION = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "odt": f"{_OPEN}.text",
    "ods": f"{_OPEN}.spreadsheet",
    "odp": f"{_OPEN}.presentation",
}
_OLE_BY_EXTENSION = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_TEXT_BY_EXTENSION = {
    "csv": "text/csv",
    "json": "application/json",
    "xml": "application/xml",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "eml": "message/rfc822",
    "md": "text/markdown",
}
_MARKUP = re.compile(rb"<(!doctype\s+html|html|head|body|script|iframe|svg|\?xml)\b", re.IGNORECASE)


def _is_text(first_bytes: bytes) -> bool:
    if first_bytes[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", first_bytes)


def _sniff_text(first_bytes: bytes, extension: str) -> str:
    """Markup is named as what a browser would make of it, whatever the extension claims."""
    for match in _MARKUP.finditer(first_bytes.replace(b"\x00", b"")):
        tag = match[1].lower()
        if tag == b"svg":
            return "image/svg+xml"
        if tag != b"?xml":
            return "text/html"
    return _TEXT_BY_EXTENSION.get(extension, "text/plain")
