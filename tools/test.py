"""Run everything: the tests on SQLite, those that touch a database again on PostgreSQL, and the checks meanwhile.

Options are handed to pytest, and then only the tests they name are run: `./dev test tests/tickets -x`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tools import postgres

NOTHING_COLLECTED = 5
# More than there are processors: some tests wait for what other processes do, on PostgreSQL all for its server.
MORE = {"SQLite": 1, "PostgreSQL": 2}


@dataclass(frozen=True)
class Outcome:
    """How the tests went on one database."""

    database: str
    code: int
    passed: int
    failed: int
    skipped: int


def main(options: list[str]) -> int:
    started = time.monotonic()
    with checking(wanted=not options) as checks, postgres.for_tests() as address:
        server = {"HELMDESK_TEST_POSTGRES": address} if address else {}
        outcomes = [tests_on("SQLite", options, environment=server)]
        if address:
            again = ["-m", "database and not browser", *options]
            outcomes.append(tests_on("PostgreSQL", again, environment={**server, "DATABASE_URL": address}))
    unchecked = len(checks)
    print(last_line(outcomes, unchecked, time.monotonic() - started))
    incomplete = address is None and "CI" in os.environ
    failed = any(outcome.code not in (0, NOTHING_COLLECTED) for outcome in outcomes)
    return 1 if unchecked or incomplete or failed else 0


@contextmanager
def checking(*, wanted: bool) -> Iterator[list[str]]:
    """Runs the checks beside the tests; what they said is printed at the end, and the list has a line if one failed."""
    failed: list[str] = []
    if not wanted:
        yield failed
        return
    with tempfile.TemporaryFile("w+") as said:
        checks = subprocess.Popen([sys.executable, "-m", "tools.check"], stdout=said, stderr=subprocess.STDOUT)
        try:
            yield failed
        finally:
            if checks.wait() != 0:
                failed.append("checks")
            said.seek(0)
            print(f"\n--- checks ---\n{said.read()}", flush=True)


def tests_on(database: str, options: list[str], *, environment: dict[str, str]) -> Outcome:
    print(f"\n--- tests on {database} ---", flush=True)
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    workers = str(min(4, (os.cpu_count() or 1) + MORE[database]))
    parallel = () if named_tests(options) else ("-n", workers, "--dist", "worksteal")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *parallel, *options]
        code = subprocess.run(command, env={**inherited, **environment}, check=False).returncode
        return outcome_of(database, code, report)


def named_tests(options: list[str]) -> bool:
    """A few tests start sooner in one process."""
    return any(option.startswith("tests") or option in ("-x", "-k", "--pdb") for option in options)


def outcome_of(database: str, code: int, report: Path) -> Outcome:
    suite = ElementTree.parse(report).getroot().find("testsuite") if report.exists() else None
    if suite is None:
        return Outcome(database, code or 1, 0, 0, 0)
    ran, skipped = int(suite.attrib["tests"]), int(suite.attrib["skipped"])
    failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    return Outcome(database, code, ran - skipped - failed, failed, skipped)


def last_line(outcomes: list[Outcome], unchecked: int, seconds: float) -> str:
    """The summary of both runs in the shape of pytest's own."""
    passed, failed, skipped = (sum(getattr(o, name) for o in outcomes) for name in ("passed", "failed", "skipped"))
    counts = [f"{failed} failed"] * bool(failed) + [f"{passed} passed"] + [f"{skipped} skipped"] * bool(skipped)
    where = [f"{outcome.passed} on {outcome.database}" for outcome in outcomes]
    if len(outcomes) == 1:
        where.append("no PostgreSQL found, so not tested on it")
    if unchecked:
        where.append("CHECKS FAILED, see above")
    return f"===== {', '.join(counts)} in {seconds:.2f}s ({'; '.join(where)}) ====="


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
