"""Static files are found by name only, kept by browsers for ever, and compressed once."""

import gzip
from pathlib import Path

import pytest

from helmdesk.foundation.static import Shelf, static_url


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    folder = tmp_path / "static"
    (folder / "vendor" / "thing-1.0").mkdir(parents=True)
    (folder / "app.css").write_text("body { color: black }\n" * 100)
    (folder / "vendor" / "thing-1.0" / "x.woff2").write_bytes(b"font")
    (folder / ".hidden").write_text("secret")
    (tmp_path / "outside.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    return Shelf(folder)


def ask(
    shelf: Shelf, name: str, *, method: str = "GET", version: str = "", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    status, told, body = shelf.answer(method, name, version=version, headers=named)
    return status, dict(told), body


def test_an_address_with_the_right_digest_lasts_for_ever(shelf: Shelf) -> None:
    version = shelf.url("app.css").partition("?v=")[2]

    assert "immutable" in ask(shelf, "app.css", version=version)[1]["cache-control"]
    assert ask(shelf, "app.css", version="0" * 16)[1]["cache-control"] == "no-cache"
    assert "immutable" in ask(shelf, "vendor/thing-1.0/x.woff2")[1]["cache-control"]


def test_a_changed_file_gets_another_address(shelf: Shelf) -> None:
    before = shelf.url("app.css")
    (shelf.folder / "app.css").write_text("body { color: red }")

    assert shelf.url("app.css") != before


def test_a_browser_that_has_it_is_told_so(shelf: Shelf) -> None:
    tag = ask(shelf, "app.css")[1]["etag"]

    assert ask(shelf, "app.css", if_none_match=tag)[::2] == (304, b"")


def test_text_is_sent_compressed_to_those_who_can_read_it(shelf: Shelf) -> None:
    _, told, body = ask(shelf, "app.css", accept_encoding="br, gzip")

    assert told["content-encoding"] == "gzip"
    assert int(told["content-length"]) == len(body) < 200
    assert gzip.decompress(body) == (shelf.folder / "app.css").read_bytes() == ask(shelf, "app.css")[2]
    assert ask(shelf, "app.css", method="HEAD")[2] == b""


def test_nothing_outside_the_folder_is_found(shelf: Shelf) -> None:
    tries = (
        "../outside.txt",
        "vendor/../../outside.txt",
        "link.txt",
        ".hidden",
        "/etc/passwd",
        "vendor",
        "",
        "a\0b",
        "app.css/",
    )

    assert [ask(shelf, name)[0] for name in tries] == [404] * len(tries)


def test_every_answer_forbids_guessing_and_running(shelf: Shelf) -> None:
    told = ask(shelf, "app.css")[1]

    assert told["content-type"] == "text/css; charset=utf-8"
    assert told["x-content-type-options"] == "nosniff"
    assert "sandbox" in told["content-security-policy"]
    assert ask(shelf, "app.css", method="POST")[0] == 405


def test_a_template_that_names_a_missing_file_is_told_so() -> None:
    assert static_url("icons.svg").startswith("/static/icons.svg?v=")
    with pytest.raises(FileNotFoundError, match=r"nothing\.css"):
        static_url("nothing.css")
