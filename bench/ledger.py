"""What the ledger costs: bringing a real log in, verifying a million events, replaying every ticket.

    python bench/ledger.py incident_event_log.csv.gz --zone America/Sao_Paulo

Each figure is that of a whole command, start included, as a user runs it, on a desk made for it in a scratch folder
(SQLite; `--database` names an empty PostgreSQL one for the import). Verification is measured twice: of the real log,
and of a desk filled with `--bulk` tickets, about a million events; the best of three runs counts.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
TARGETS = {"rows_a_second": 3_000, "memory_mb": 300, "verify_s_a_million": 2.0}
RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("--zone", required=True)
    parser.add_argument("--database", default="", help="an empty PostgreSQL database to import into (default: SQLite)")
    parser.add_argument("--bulk", type=int, default=130_000, help="tickets of the large desk; 0 leaves it out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="helmdesk-bench-") as folder:
        real = desk(Path(folder) / "real", options.database)
        figures = {"import": brought_in(real, options.log, options.zone), "real_log": walked(real)}
        figures["real_log"]["replay_s"] = min(seconds(real, "replay", "--json") for _ in range(RUNS))
        if options.bulk:
            large = desk(Path(folder) / "large", "")
            run(large, "demo", "--bulk", str(options.bulk), "--password", "demo-demo-demo")
            figures["large"] = walked(large)
    keep(figures, "postgresql" if options.database else "sqlite")


def desk(home: Path, database: str) -> dict[str, str]:
    """The environment of a desk of its own, migrated."""
    home.mkdir()
    environment = {
        **os.environ,
        "HELMDESK_HOME": str(home),
        "DATABASE_URL": database or f"sqlite:///{home}/desk.sqlite3",
    }
    run(environment, "migrate")
    return environment


def run(environment: dict[str, str], *command: str) -> str:
    words = [sys.executable, "-c", "from helmdesk.config.cli import main; main()", *command]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"helmdesk {' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def seconds(environment: dict[str, str], *command: str) -> float:
    began = time.perf_counter()
    run(environment, *command)
    return round(time.perf_counter() - began, 2)


def brought_in(environment: dict[str, str], log: Path, zone: str) -> dict[str, Any]:
    began = time.perf_counter()
    counts = json.loads(run(environment, "import", "servicenow", str(log), "--zone", zone, "--json"))
    took = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {**counts, "s": round(took, 1), "rows_a_second": round(counts["rows"] / took), "memory_mb": round(most)}


def walked(environment: dict[str, str]) -> dict[str, Any]:
    """The whole ledger verified; the start alone is that of a command which does next to nothing."""
    report = json.loads(run(environment, "ledger", "verify", "--all", "--json"))
    took = min(seconds(environment, "ledger", "verify", "--all", "--json") for _ in range(RUNS))
    start = min(seconds(environment, "ledger", "seals", "--json") for _ in range(RUNS))
    return {
        "events": report["events"],
        "tickets": report["tickets"],
        "ok": report["ok"],
        "verify_s": took,
        "start_s": start,
        "verify_s_a_million": round(took * 1_000_000 / report["events"], 2),
    }


def keep(figures: dict[str, Any], kind: str) -> None:
    """Writes the figures with machine and versions, and prints a line of each."""
    result = {
        "database": kind,
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.platform()},
        "versions": {"python": platform.python_version(), **{n: version(n) for n in ("helmdesk", "django", "msgspec")}},
        "load": [round(load, 1) for load in os.getloadavg()],
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"ledger-{kind}.json").write_text(json.dumps(result, indent=2) + "\n")
    for part, told in figures.items():
        for name, figure in told.items():
            target = f"   (wanted: {TARGETS[name]})" if name in TARGETS else ""
            sys.stdout.write(f"{part:10} {name:20} {figure}{target}\n")


if __name__ == "__main__":
    main()
