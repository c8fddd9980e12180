"""The kinds of trouble and wish: how often, at which hours, who mends them, what they wait for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

Rhythm = Literal["office", "monday", "floor", "month_start", "spread"]
Weights = tuple[int, int, int]  # of 1 (great) to 3 (small)


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    type: Literal["incident", "request"]
    service: str
    category: str
    weight: float  # of all tickets that no calendar brings
    resolver: str  # the team that can mend it for good
    passed_on: float  # chance that the desk cannot do it alone
    effort: int  # minutes of work, median
    asks: float = 0.3  # chance of a question to the requester, each round
    rhythm: Rhythm = "office"
    vendor: str | None = None
    vendor_waits: float = 0.0
    parts: float = 0.0
    change: float = 0.0
    impact: Weights = (1, 14, 85)
    urgency: Weights = (8, 42, 50)
    floor: bool = False  # asked by people at machines
    departments: tuple[str, ...] = ()
    confidential: bool = False
    field: str | None = None
    tag: str | None = None
    apps: tuple[str, ...] = ()


def _kind(code: str, row: dict[str, Any]) -> Kind:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Kind(code, **values)


def _kinds() -> Mapping[str, Kind]:
    table = tomllib.loads(files(__package__).joinpath("texts", "kinds.toml").read_text("utf-8"))
    return {code: _kind(code, row) for code, row in table.items()}


KINDS = _kinds()
