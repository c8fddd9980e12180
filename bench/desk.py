"""What the desk's pages cost: CPU of server and database, and wall time, for an in-house agent and a narrow guest.

    python bench/desk.py fill --database URL --tickets N --open-share S
    python bench/desk.py run --database URL --tickets N
    python bench/desk.py summary

CPU is that of the whole server tree and, where there is one, of the PostgreSQL server, over many requests, divided by
their number: firm. Wall time is the median of one client's, and of eight clients' at once: as good as the machine is
quiet.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

from server import Client, Server, postgres_cpu

RESULTS = Path(__file__).parent / "results"
PASSWORD = "demo-demo-demo"
AGENT, GUEST = "gerald.moser@alpenwerk.example", "gil.narrow@specialist.example"
RARE, COMMON, ABSENT = "zirkonquarz", "verbindung", "xylophonkasten"
ONE, EIGHT = 160, 20
TARGETS = {
    "queue": 10, "ticket_3": 10, "ticket_50": 20, "search_rare": 10, "search_common": 20, "search_absent": 10,
    "create": 15,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["fill", "run", "summary"])
    parser.add_argument("--database", default="")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--open-share", type=float, default=0.2)
    parser.add_argument("--home", type=Path, help="HELMDESK_HOME (default: beside the SQLite file, or /tmp)")
    options = parser.parse_args()
    if options.what == "summary":
        summarise()
        return
    home = options.home or Path("/tmp") / f"helmdesk-bench-{options.tickets}-{kind(options.database)}"
    home.mkdir(parents=True, exist_ok=True)
    environment = {"DATABASE_URL": options.database, "HELMDESK_HOME": str(home)}
    if options.what == "fill":
        fill(environment, options.tickets, options.open_share)
    else:
        keep(measure(environment, options.tickets), f"desk-{options.tickets}-{kind(options.database)}")


def kind(database: str) -> str:
    return "postgresql" if database.startswith("postgres") else "sqlite"


def fill(environment: dict[str, str], tickets: int, open_share: float) -> None:
    command = [sys.executable, "-c", "from helmdesk.config.cli import main; main()", "demo", "--bulk", str(tickets)]
    subprocess.run(
        [*command, "--open-share", str(open_share), "--password", PASSWORD],
        env={**os.environ, **environment},
        check=True,
    )


def measure(environment: dict[str, str], tickets: int) -> dict[str, Any]:
    """Every case for both viewers, on a server started for it."""
    long_one, short, guest_short, requester = prepare(environment)
    server = Server(environment)
    server.start()
    figures: dict[str, Any] = {"started_in_s": round(server.started_in, 2)}
    try:
        for name, email, ticket in (("in_house", AGENT, short), ("guest", GUEST, guest_short)):
            client = Client(server.port)
            client.sign_in(email, PASSWORD)
            figures[name] = {}
            for case, act in cases(name, ticket, long_one, requester).items():
                figures[name][case] = cost(server, client, act)
                sys.stderr.write(f"{name} {case} {figures[name][case]}\n")
        figures["memory_mb"] = round(server.memory(), 1)
    finally:
        server.stop()
    return {"tickets": tickets, "database": kind(environment["DATABASE_URL"]), **about(), "figures": figures}


def cases(viewer: str, short: int, long_one: int, requester: int) -> dict[str, Callable[[Client], int]]:
    """What is measured: each does one request (create: one POST) and returns its status."""

    def page(path: str) -> Callable[[Client], int]:
        return lambda client: client.ask("GET", path)[0]

    def create(client: Client) -> int:
        form = {
            "person": str(requester), "subject": "Measured", "text": "The printer on the second floor is silent again.",
            "type": "incident", "channel": "phone", "impact": "3", "urgency": "3",
        }  # fmt: skip
        status = client.ask("POST", "/tickets/new", form)[0]
        client.cookies.pop("messages", None)  # a browser shows it on the next page, which takes it away
        return status

    all_cases = {
        "queue": page("/tickets/?view=all"),
        "ticket_3": page(f"/tickets/{short}"),
        "search_rare": page(f"/search?q={RARE}"),
        "search_common": page(f"/search?q={COMMON}"),
        "search_absent": page(f"/search?q={ABSENT}"),
    }
    if viewer == "in_house":
        all_cases |= {"ticket_50": page(f"/tickets/{long_one}"), "create": create}
    return all_cases


def cost(server: Server, client: Client, act: Callable[[Client], int]) -> dict[str, float]:
    """CPU ms a request and median wall ms, one client and eight."""
    database = server.environment["DATABASE_URL"]
    for _ in range(12):
        status = act(client)
    if status >= 400:
        raise RuntimeError(f"status {status}")
    before = server.cpu() + postgres_cpu(database)
    alone = [timed(act, client) for _ in range(ONE)]
    cpu = (server.cpu() + postgres_cpu(database) - before) / ONE
    clients = [client.twin() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        crowd = [ms for many in pool.map(lambda one: [timed(act, one) for _ in range(EIGHT)], clients) for ms in many]
    return {
        "cpu_ms": round(cpu * 1000, 2),
        "wall_ms": round(statistics.median(alone), 2),
        "wall_ms_of_eight": round(statistics.median(crowd), 2),
    }


def timed(act: Callable[[Client], int], client: Client) -> float:
    began = time.perf_counter()
    status = act(client)
    if status >= 400:
        raise RuntimeError(f"status {status}")
    return (time.perf_counter() - began) * 1000


def prepare(environment: dict[str, str]) -> list[int]:
    """A ticket with 50 messages, one with 3 for the agent, one with 3 for the guest; and somebody who asks."""
    command = [sys.executable, str(Path(__file__).parent / "prepare.py"), AGENT, GUEST]
    done = subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
    return [int(number) for number in json.loads(done.stdout)]


def about() -> dict[str, Any]:
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    names = ("django", "granian", "jinja2", "psycopg")
    return {
        "machine": f"{os.cpu_count()} cores, {model.partition(': ')[2]}",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in names}},
        "command": "python bench/desk.py run",
        "commit": commit(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def commit() -> str:
    """The code that was measured; figures of different code are not compared."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def keep(result: dict[str, Any], name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def show(result: dict[str, Any]) -> None:
    write = sys.stdout.write
    figures = result["figures"]
    write(f"{result['tickets']:,} tickets, {result['database']}: ")
    write(f"start {figures['started_in_s']} s, {figures['memory_mb']} MB, load {result['load'][0]}, ")
    write(f"code {result.get('commit', 'before 18fc557')}\n")
    for viewer in ("in_house", "guest"):
        for case, cost_ in figures[viewer].items():
            mark = "ok" if cost_["cpu_ms"] <= TARGETS[case] else f"over {TARGETS[case]}"
            write(f"  {viewer:9} {case:14} {cost_['cpu_ms']:7.2f} CPU ms  {cost_['wall_ms']:8.2f} ms alone")
            write(f"  {cost_['wall_ms_of_eight']:8.2f} ms of eight  {mark}\n")


def summarise() -> None:
    """Every kept result, and how the large desk compares with the small one."""
    results = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("desk-*.json"))]
    for result in results:
        show(result)
    for database in ("sqlite", "postgresql"):
        sizes = {r["tickets"]: r["figures"] for r in results if r["database"] == database}
        if len(sizes) == 2 and len({r.get("commit") for r in results if r["database"] == database}) == 1:
            small, large = (sizes[size] for size in sorted(sizes))
            for viewer in ("in_house", "guest"):
                ratios = {case: large[viewer][case]["cpu_ms"] / small[viewer][case]["cpu_ms"] for case in small[viewer]}
                told = ", ".join(f"{case} {ratio:.2f}" for case, ratio in ratios.items())
                sys.stdout.write(f"{database} {viewer}, large over small: {told}\n")


if __name__ == "__main__":
    main()
