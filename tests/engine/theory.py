"""Queueing theory in closed form, in the units of its parameters. Sources: OUTSOURCING notes on the formulas they
name."""

from __future__ import annotations

from math import cos, exp, pi, sin


def erlang_b(servers: int, load: float) -> float:
    """The share lost (Erlang 1917)."""
    lost = 1.0
    for k in range(1, servers + 1):
        lost = load * lost / (k + load * lost)
    return lost


def erlang_c(servers: int, load: float) -> float:
    """The share that waits (Erlang 1917)."""
    lost, used = erlang_b(servers, load), load / servers
    return lost / (1 - used * (1 - lost))


def mmc_wait(servers: int, arrivals: float, rate: float) -> float:
    return erlang_c(servers, arrivals / rate) / (servers * rate - arrivals)


def mmc_waits_longer(servers: int, arrivals: float, rate: float, than: float) -> float:
    return erlang_c(servers, arrivals / rate) * exp(-(servers * rate - arrivals) * than)


def erlang_a(servers: int, arrivals: float, rate: float, patience_rate: float) -> tuple[float, float, float]:
    """The share that waits, the share that gives up, and how many wait (birth and death; Palm 1957)."""
    weights, leaving = [1.0], 0.0
    for n in range(1, 400):
        leaving = min(n, servers) * rate + max(0, n - servers) * patience_rate
        weights.append(weights[-1] * arrivals / leaving)
    total = sum(weights)
    waiting = sum((n - servers) * weight for n, weight in enumerate(weights) if n > servers) / total
    return sum(weights[servers:]) / total, patience_rate * waiting / arrivals, waiting


def pollaczek_khinchine(arrivals: float, mean: float, squared_variation: float) -> float:
    return arrivals * mean**2 * (1 + squared_variation) / (2 * (1 - arrivals * mean))


def cobham(arrivals: tuple[float, ...], means: tuple[float, ...]) -> list[float]:
    """Waits of each class, the most urgent first, one server, exponential work, nobody interrupted (Cobham 1954)."""
    rest, used, before, waits = sum(a * m**2 for a, m in zip(arrivals, means, strict=True)), 0.0, 0.0, []
    for a, m in zip(arrivals, means, strict=True):
        used += a * m
        waits.append(rest / ((1 - before) * (1 - used)))
        before = used
    return waits


def cobham_many(arrivals: tuple[float, ...], rate: float, servers: int) -> list[float]:
    """The same with equal servers (Davis 1966)."""
    waits, used, before = [], 0.0, 0.0
    common = erlang_c(servers, sum(arrivals) / rate) / (servers * rate)
    for a in arrivals:
        used += a / (servers * rate)
        waits.append(common / ((1 - before) * (1 - used)))
        before = used
    return waits


def lost_with_waiting_room(servers: int, room: int, load: float) -> float:
    """The share that finds servers and waiting room full (M/M/c/K)."""
    weights = [1.0]
    for n in range(1, servers + room + 1):
        weights.append(weights[-1] * load / min(n, servers))
    return weights[-1] / sum(weights)


def sinusoid_at_work(at: float, *, level: float, swing: float, period: float, mean: float) -> float:
    """How many are at work where none waits (Eick, Massey and Whitt 1993)."""
    w = 2 * pi / period
    return level * mean + swing * mean * (sin(w * at) - w * mean * cos(w * at)) / (1 + (w * mean) ** 2)


def closed_delay(gaps: tuple[float, ...], cycle: float) -> float:
    """How long until a calendar opens, from a random instant: the sum of squared gaps by twice the cycle."""
    return sum(gap**2 for gap in gaps) / (2 * cycle)
