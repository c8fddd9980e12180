"""Randomness for the demo: one named stream for each concern, the same for the same seed."""

from random import Random


def stream(seed: int | str, *names: object) -> Random:
    return Random(":".join(map(str, (seed, *names))))  # noqa: S311 - invented data, no secrets
