"""Instants: aware UTC datetimes in Python, integer microseconds since 1970 in the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models.expressions import Combinable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """The clock; read at the edges only."""
    return datetime.now(UTC)


def to_us(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exactly."""
    if at.tzinfo is None:
        raise ValueError(f"at: {at!r} has no time zone. Give an aware instant.")
    return (at - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """The aware UTC instant of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=us)


class InstantField(models.BigIntegerField):  # type: ignore[type-arg]
    """A BIGINT of microseconds that reads as an aware UTC datetime; orders and compares alike on both databases."""

    description = "instant (microseconds since 1970, UTC)"
    _pyi_private_set_type: datetime | Combinable  # type: ignore[assignment]
    _pyi_private_get_type: datetime  # type: ignore[assignment]
    _pyi_lookup_exact_type: datetime  # type: ignore[assignment]

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)

    def get_prep_value(self, value: Any) -> int | None:
        if isinstance(value, datetime):
            return to_us(value)
        return super().get_prep_value(value)  # type: ignore[no-any-return]

    def to_python(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        return from_us(int(value))
