"""The file that a backup is: a tar of named members, and last a manifest of what they are and their digests.

Whatever a name, a link or a size in a strange archive says, nothing is written outside the folder it is unpacked to.
"""

import gzip
import hashlib
import io
import json
import os
import re
import secrets
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SUFFIXES: Final = (".tar", ".tar.gz", ".tgz")
CHUNK: Final = 1024 * 1024
MEMBER: Final = re.compile(
    r"manifest\.json|database\.sqlite3|tables/[a-z0-9_]{1,63}\.copy|files/[A-Za-z0-9_-]{2}/[A-Za-z0-9_-]{32}"
)


class BadBackup(ValueError):
    """A file that cannot be used as a backup; says what is wrong and what to do. Nothing was changed."""


class Packing:
    """An archive under way: members are added, each digested as it goes in."""

    def __init__(self, tar: tarfile.TarFile, at: int) -> None:
        self._tar, self._at = tar, at
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> bool:
        """Puts a file in; false when it is gone by now."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            size = os.fstat(file.fileno()).st_size
            reading = _Digesting(file)
            self._put(name, size, reading)
        self.members[name] = {"size": size, "sha256": reading.digest.hexdigest()}
        return True

    def finish(self, manifest: dict[str, Any]) -> None:
        text = json.dumps({"format": FORMAT, **manifest, "members": self.members}, indent=1, sort_keys=True)
        self._put(MANIFEST, len(text.encode()), io.BytesIO(text.encode()))

    def _put(self, name: str, size: int, content: Any) -> None:
        if not MEMBER.fullmatch(name):
            raise ValueError(f"name: {name!r} is no member of a backup")
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, self._at
        self._tar.addfile(info, content)


class _Digesting:
    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


@contextmanager
def packed(path: Path, *, at: int) -> Iterator[Packing]:
    """Writes an archive, readable by its owner alone, that is there whole or not at all. Never over another file."""
    must_be_free(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with ExitStack() as open_files:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            file = open_files.enter_context(open(handle, "wb"))  # noqa: PTH123 (of a handle)
            stream: Any = file
            if path.suffix != ".tar":
                stream = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=3, mtime=at)
                open_files.callback(stream.close)
            tar = open_files.enter_context(tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT))
            yield Packing(tar, at)
            tar.close()
            if stream is not file:
                stream.close()
            file.flush()
            os.fsync(file.fileno())
        _appear(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _appear(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise BadBackup(f"{path} has come into being meanwhile. Give another name.") from None
    except OSError:  # a file system without hard links
        draft.rename(path)


def must_be_free(path: Path) -> None:
    if not path.name.endswith(SUFFIXES):
        raise BadBackup(f"{path}: a backup is named *{', *'.join(SUFFIXES)}.")
    if path.exists():
        raise BadBackup(f"{path} is there already. Give another name; a backup is never written over.")
    if not path.parent.is_dir():
        raise BadBackup(f"{path.parent} is no folder. Make it first.")


def unpacked(path: Path, into: Path) -> dict[str, Any]:
    """Unpacks into an empty folder, checks every digest, and returns the manifest. Raises BadBackup."""
    found: dict[str, dict[str, Any]] = {}
    try:
        with tarfile.open(path, mode="r|*") as tar:
            for member in tar:
                _must_be_ours(member, found)
                found[member.name] = _extracted(tar, member, into)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise BadBackup(f"{path} is damaged or no backup: {fault}. Take another copy of it.") from fault
    except (FileNotFoundError, IsADirectoryError, PermissionError) as fault:
        raise BadBackup(f"{path} cannot be read: {fault.strerror}.") from fault
    if MANIFEST not in found:
        raise BadBackup(f"{path} ends early or is no backup: it has no manifest. Take another copy of it.")
    del found[MANIFEST]
    manifest = _read_manifest(into / MANIFEST)
    if found != manifest["members"]:
        differing = sorted(
            name for name in found.keys() | manifest["members"].keys()
            if found.get(name) != manifest["members"].get(name)
        )  # fmt: skip
        raise BadBackup(f"{path} is damaged: {', '.join(differing[:5])} is not what was packed. Take another copy.")
    return manifest


def _must_be_ours(member: tarfile.TarInfo, found: dict[str, dict[str, Any]]) -> None:
    plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
    if not plain or not MEMBER.fullmatch(member.name) or member.name in found:
        raise BadBackup(
            f"It holds {member.name[:200]!r}, which no backup holds. It was not made by Helmdesk; delete it."
        )


def _extracted(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> dict[str, Any]:
    target = into / member.name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = cast("IO[bytes]", tar.extractfile(member))
    digest, size = hashlib.sha256(), 0
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 (of a handle)
        while chunk := content.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return {"size": size, "sha256": digest.hexdigest()}


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except ValueError as fault:
        raise BadBackup(f"Its manifest cannot be read: {fault}. Take another copy of it.") from fault
    if not isinstance(manifest, dict) or not isinstance(manifest.get("members"), dict):
        raise BadBackup("Its manifest is not one. It was not made by Helmdesk.")
    if manifest.get("format") != FORMAT:
        raise BadBackup(
            f"Its format is {manifest.get('format')!r}; this version reads {FORMAT}. Update Helmdesk first."
        )
    return manifest
