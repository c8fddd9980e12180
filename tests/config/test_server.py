"""The server as real processes: it starts, answers, stops in order, and gets up again."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helmdesk.foundation.jobs import queue
from helmdesk.foundation.jobs.models import Job
from helmdesk.foundation.time import now
from tests.config.serving import Answer, Desk, gone, until
from tests.databases import CommittedDatabase
from tests.foundation.slow_tasks import slow


@pytest.fixture
def desk(committed_db: CommittedDatabase, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(committed_db.environment, tmp_path).wait_until_up()
    yield made
    made.kill()


def in_background(desk: Desk, path: str) -> tuple[threading.Thread, list[Answer]]:
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(desk.get(path)))
    thread.start()
    return thread, answers


def test_it_answers_tells_its_health_and_stops(desk: Desk) -> None:
    health = desk.get("/healthz")

    assert json.loads(health.text) == {"ok": True, "database": True, "migrations": True, "triggers": True}
    assert desk.get("/").text == "hello"
    assert len(desk.children()) == 3
    children = desk.children()
    assert desk.stop() == 0
    assert all(gone(pid) for pid in children)


def test_a_stop_lets_requests_under_way_finish_and_takes_no_new_ones(desk: Desk) -> None:
    thread, answers = in_background(desk, "/slow/1500/")
    time.sleep(0.5)
    desk.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    with pytest.raises(ConnectionError):
        desk.get("/")
    thread.join()

    assert [answer.text for answer in answers] == ["slow"]
    assert desk.process.wait(timeout=20) == 0


def test_a_stop_lets_the_job_under_way_finish(desk: Desk) -> None:
    slow.enqueue(1, 1500)
    until(lambda: desk.count("begun") == 1)

    assert desk.stop() == 0
    assert desk.count("ended") == 1
    assert queue.load(at=now()).running == 0


def test_an_idle_connection_does_not_hold_up_a_stop(desk: Desk) -> None:
    connection = desk.connection()
    connection.request("GET", "/")
    connection.getresponse().read()
    begun = time.monotonic()

    assert desk.stop() == 0
    assert time.monotonic() - begun < 5


def test_a_child_that_dies_is_started_again(desk: Desk) -> None:
    before = desk.children()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(desk.children()) - set(before)) == 3 and desk.is_up())

    assert desk.log.count("a process ended and is started again") == 3
    slow.enqueue(1, 0)
    until(lambda: desk.count("ended") == 1)


def test_children_end_by_themselves_when_the_parent_is_killed(desk: Desk) -> None:
    children = desk.children()
    desk.process.kill()
    desk.process.wait()

    until(lambda: all(gone(pid) for pid in children), seconds=10)


def test_a_job_of_a_killed_tree_runs_again_after_its_lease(committed_db: CommittedDatabase, tmp_path: Path) -> None:
    first = Desk(committed_db.environment, tmp_path).wait_until_up()
    slow.enqueue(1, 4000)
    until(lambda: first.count("begun") == 1)
    first.kill()
    Job.objects.filter(name__endswith="slow").update(lease_until=now())
    second = Desk(committed_db.environment, tmp_path).wait_until_up()
    try:
        until(lambda: second.count("ended") == 1)
        assert second.count("begun") == 2
        until(lambda: Job.objects.get(name__endswith="slow").status == "done")
    finally:
        second.kill()


def test_jobs_may_be_left_to_a_worker_apart(committed_db: CommittedDatabase, tmp_path: Path) -> None:
    desk = Desk(committed_db.environment, tmp_path, "--no-jobs", "--workers", "1").wait_until_up()
    try:
        assert len(desk.children()) == 1
    finally:
        desk.kill()


def test_a_second_server_on_the_same_port_is_refused_with_the_cure(
    desk: Desk, committed_db: CommittedDatabase, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Desk(committed_db.environment, tmp_path / "other", "--port", str(desk.port))

    assert other.process.wait(timeout=30) == 1
    assert "choose another with --port" in other.log
    assert "Traceback" not in other.log


def test_a_slow_sender_does_not_hold_a_thread(desk: Desk) -> None:
    lines = []
    for _ in range(20):
        line = desk.connection()
        line.putrequest("POST", "/echo/x")
        line.putheader("Content-Length", "1000")
        line.endheaders(b"only the beginning")
        lines.append(line)
    begun = time.monotonic()

    assert desk.get("/").text == "hello"
    assert time.monotonic() - begun < 2
    for line in lines:
        line.close()


def test_bodies_files_and_streams_arrive_whole(desk: Desk) -> None:
    big = os.urandom(1024) * 1500
    echoed = json.loads(desk.get("/echo/%C3%A9?q=%C3%BC", method="POST", body=big).text)

    assert (echoed["size"], echoed["path"], echoed["query"]) == (len(big), "/echo/é", {"q": "ü"})
    assert len(desk.get("/file/").body) == 1024 * 1024
    assert len(desk.get("/streamed/").text.splitlines()) == 50_000
    head = desk.get("/file/", method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_a_body_beyond_the_limit_is_refused(desk: Desk) -> None:
    line = desk.connection()
    line.putrequest("POST", "/echo/x")
    line.putheader("Content-Length", str(10**12))
    line.endheaders()

    assert line.getresponse().status == 413


def test_a_header_with_an_underscore_does_not_pass_for_one_with_a_hyphen(desk: Desk) -> None:
    line = desk.connection()
    line.request("POST", "/echo/x", headers={"X_Forwarded_For": "6.6.6.6"})

    assert json.loads(line.getresponse().read())["forwarded"] is None


def test_figures_of_all_processes_are_told_to_this_machine_only(desk: Desk) -> None:
    for _ in range(12):
        desk.get("/")
    told = desk.get("/metrics").text

    assert 'helmdesk_requests_total{method="GET",route="hello",status="200"} 12.0' in told
    assert "helmdesk_jobs_dead 0.0" in told
    assert desk.get("/metrics", X_Forwarded_For="10.0.0.1").status == 404


def test_no_secret_of_a_request_reaches_the_log(desk: Desk) -> None:
    secrets = ["s3cr3tInPath", "s3cr3tInQuery", "s3cr3tInCookie", "s3cr3tInHeader", "s3cr3tInBody", "eva@example.org"]
    desk.get(f"/fail/{secrets[0]}/?token={secrets[1]}", Cookie=f"sessionid={secrets[2]}", Authorization=secrets[3])
    desk.get(f"/nowhere/{secrets[0]}/?q={secrets[1]}")
    desk.get("/echo/x", method="POST", body=f"password={secrets[4]}")
    desk.get("/", Host="evil-s3cr3tInHeader.example")
    until(lambda: desk.log.count('"message": "request"') >= 4)

    assert [secret for secret in secrets if secret in desk.log] == []
    lines = [json.loads(line) for line in desk.log.splitlines()]
    (failed,) = [line for line in lines if line.get("route") == "fail"]
    assert (failed["status"], failed["method"]) == (500, "GET")
    assert any("server_pages.py" in line.get("fault", "") and line["request"] == failed["request"] for line in lines)


def test_the_whole_tree_is_small(desk: Desk) -> None:
    for _ in range(30):
        desk.get("/")
    pss = sum(memory(pid) for pid in (desk.process.pid, *desk.children()))

    assert pss < 260 * 1024


def memory(pid: int) -> int:
    """Kilobytes, shared pages divided among those who share them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
