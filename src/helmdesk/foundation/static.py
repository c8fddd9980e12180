"""Static files: their addresses carry a digest of their content, so browsers may keep them for ever.

Only files found under the folder can be served: a request is looked up by name, never joined to a path.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Final

from django.conf import settings

PREFIX: Final = "/static/"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
SQUEEZED: Final = frozenset({".css", ".js", ".json", ".svg", ".webmanifest", ".txt", ""})
SQUEEZED_AT_MOST: Final = 4 * 1024 * 1024
FOR_EVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"

Answer = tuple[int, list[tuple[str, str]], bytes]


@dataclass(frozen=True, slots=True)
class File:
    """One file as it was when last looked at."""

    path: Path
    changed: tuple[int, int]
    digest: str
    squeezed: bytes | None

    @property
    def content_type(self) -> str:
        return TYPES.get(self.path.suffix.lower(), "application/octet-stream")


FRESH = 1.0
_addresses: dict[str, tuple[float, str]] = {}


class Shelf:
    """The files of one folder, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, File] = {}
        self._squeezed_bytes = 0
        self._names: frozenset[str] = frozenset()

    def url(self, name: str) -> str:
        """The address of a file, digest included; a name that is not there is a mistake in a template."""
        file = self.file(name)
        if file is None:
            raise FileNotFoundError(f"static file: {name!r} is not under {self.folder}")
        return f"{PREFIX}{name}?v={file.digest}"

    def file(self, name: str) -> File | None:
        """A file by its name, read anew when it has changed on disk."""
        if name not in self._names:
            self._names = frozenset(self.names())
        if name not in self._names:
            return None
        path = self.folder / name
        try:
            stat = path.stat()
        except FileNotFoundError:
            return None
        known = self._files.get(name)
        if known is None or known.changed != (stat.st_mtime_ns, stat.st_size):
            known = self._files[name] = self._read(path, (stat.st_mtime_ns, stat.st_size))
        return known

    def names(self) -> list[str]:
        found = (path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())
        return [path.relative_to(self.folder).as_posix() for path in found if not path.name.startswith(".")]

    def preload(self) -> None:
        """Reads and compresses everything, before the server forks, so that its processes share it."""
        for name in self.names():
            self.file(name)

    def answer(self, method: str, name: str, *, version: str, headers: Mapping[str, str]) -> Answer:
        """Status, headers and body for a request."""
        if method not in ("GET", "HEAD"):
            return 405, [("allow", "GET, HEAD"), ("content-length", "0")], b""
        file = self.file(name)
        if file is None:
            return 404, [("content-type", "text/plain; charset=utf-8"), ("content-length", "10")], b"Not found\n"
        told = self._headers(file, lasting=version == file.digest or name.startswith("vendor/"))
        if headers.get("if-none-match") == f'"{file.digest}"':
            return 304, told, b""
        body, coding = self._body(file, gzipped="gzip" in headers.get("accept-encoding", ""))
        told += [*coding, ("content-type", file.content_type), ("content-length", str(len(body)))]
        return 200, told, b"" if method == "HEAD" else body

    def _headers(self, file: File, *, lasting: bool) -> list[tuple[str, str]]:
        return [
            ("etag", f'"{file.digest}"'),
            ("cache-control", FOR_EVER if lasting else ASK_AGAIN),
            ("vary", "accept-encoding"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cross-origin-resource-policy", "same-origin"),
        ]

    def _body(self, file: File, *, gzipped: bool) -> tuple[bytes, list[tuple[str, str]]]:
        if gzipped and file.squeezed is not None:
            return file.squeezed, [("content-encoding", "gzip")]
        return file.path.read_bytes(), []

    def _read(self, path: Path, changed: tuple[int, int]) -> File:
        body = path.read_bytes()
        squeezed = None
        if path.suffix.lower() in SQUEEZED and self._squeezed_bytes + len(body) // 2 < SQUEEZED_AT_MOST:
            tried = gzip.compress(body, 9, mtime=0)
            if len(tried) < len(body):
                squeezed = tried
                self._squeezed_bytes += len(tried)
        return File(path=path, changed=changed, digest=sha256(body).hexdigest()[:16], squeezed=squeezed)


@cache
def shelf() -> Shelf:
    """The desk's own files."""
    return Shelf(Path(settings.HELMDESK_STATIC))


def static_url(name: str) -> str:
    """What a template writes: `static_url("app.css")` is `/static/app.css?v=…`. A page names dozens: looked up anew
    every `FRESH` seconds.
    """
    until, address = _addresses.get(name, (0.0, ""))
    if monotonic() >= until:
        address = shelf().url(name)
        _addresses[name] = (monotonic() + FRESH, address)
    return address
