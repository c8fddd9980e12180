"""Files that come with words, and who can open them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from helmdesk.tickets.models import Attachment
from tests.web.visiting import visitor
from tests.world import World


def sent(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def test_a_file_is_handed_back_harmless_and_under_its_own_name(world: World) -> None:
    alice = visitor(world, "alice")
    alice.post("/help/requests", subject="A page", text="See it.", files=[sent("Größe 1.html", b"<script>1</script>")])
    file = Attachment.objects.get()

    page = visitor(world, "ina").get(f"/tickets/{file.message.ticket_id}")
    link = re.search(r'href="(/files/[^"]+)"', page.html)
    assert link is not None
    response = visitor(world, "ina").client.get(link[1])

    assert b"".join(response) == b"<script>1</script>"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "Gr%C3%B6%C3%9Fe%201.html" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")


def test_a_file_is_there_only_for_those_who_may_read_its_message(world: World) -> None:
    ticket = world.ticket("alice", service="network")
    visitor(world, "ina").post(
        f"/tickets/{ticket.pk}/messages", to="us", text="Among us.", files=[sent("plan.txt", b"plan")]
    )
    visitor(world, "alice").post(f"/help/{ticket.pk}/messages", text="See.", files=[sent("log.txt", b"log")])
    side, open_ = Attachment.objects.order_by("pk")

    def can_open(who: str, file: Attachment) -> bool:
        return visitor(world, who).client.get(f"/files/{file.pk}/x").status_code == 200

    assert [who for who in ("alice", "arno", "ina", "nora", "bela") if can_open(who, side)] == ["ina"]
    assert [who for who in ("alice", "arno", "ina", "nora", "bela") if can_open(who, open_)] == ["alice", "ina", "nora"]
    assert "plan.txt" not in visitor(world, "nora").get(f"/tickets/{ticket.pk}").html


def test_a_picture_is_shown_only_after_it_was_painted_anew(world: World) -> None:
    alice = visitor(world, "alice")
    alice.post(
        "/help/requests",
        subject="It looks so",
        files=[sent("screen.png", picture()), sent("not.png", b"\x89PNG\r\n\x1a\n")],
    )
    good, broken = Attachment.objects.order_by("pk")

    shown = alice.client.get(f"/files/{good.pk}/picture")

    assert shown["Content-Type"] == "image/webp"
    assert shown.content[8:12] == b"WEBP"
    assert alice.client.get(f"/files/{broken.pk}/picture").status_code == 404
    assert visitor(world, "arno").client.get(f"/files/{good.pk}/picture").status_code == 404


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("run.exe", b"MZ")], "can run on opening, and is not taken."),
        ([("report.pdf", b"MZ" + b"\x00" * 100)], "is a program, whatever its name says"),
        ([(f"{n}.txt", b"x") for n in range(20)] + [("21.txt", b"x")], ""),
    ],
)
def test_a_file_that_is_not_taken_is_said_with_its_cure_and_the_words_are_kept(
    world: World, files: list[tuple[str, bytes]], said: str
) -> None:
    ticket = world.ticket("alice")
    ina = visitor(world, "ina")
    upload = [sent(name, content) for name, content in files]
    response = ina.client.post(
        f"/tickets/{ticket.pk}/messages", {"to": "requester", "text": "Look at this.", "files": upload}
    )

    assert response.status_code in (413, 422)
    assert Attachment.objects.count() == 0
    if said:
        assert said in response.content.decode()
        assert "Look at this." in response.content.decode()
        assert "Files have to be chosen again" in response.content.decode()


def test_a_file_that_was_erased_is_gone_for_all(world: World) -> None:
    alice, iris = visitor(world, "alice"), visitor(world, "iris")
    alice.post("/help/requests", subject="My papers", files=[sent("passport.txt", b"P123")])
    file = Attachment.objects.get()
    ticket = file.message.ticket_id
    visitor(world, "ina").get(f"/tickets/{ticket}/files/{file.pk}/erasure", status=404)

    iris.post(f"/tickets/{ticket}/files/{file.pk}/erasure", reason="personal_data")

    alice.get(f"/files/{file.pk}/passport.txt", status=404)
    assert "passport" not in iris.get(f"/tickets/{ticket}").html


def test_files_lie_under_names_that_nobody_chose(world: World) -> None:
    visitor(world, "alice").post("/help/requests", subject="A file", files=[sent("../../etc/passwd", b"x")])
    file = Attachment.objects.select_related("name").get()
    assert re.fullmatch(r"[\w-]{32}", file.key)
    assert (Path(settings.HELMDESK_FILES) / file.key[:2] / file.key).read_bytes() == b"x"
    assert "/" not in (file.name.body or "")
