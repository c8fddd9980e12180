"""Numbers in addresses: as many digits as a database can hold."""

from django.urls import register_converter
from django.urls.converters import get_converters


class Number:
    """A path converter for ids."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def know_numbers() -> None:
    """Lets routes say `<number:ticket>`."""
    if "number" not in get_converters():
        register_converter(Number, "number")
