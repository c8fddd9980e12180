"""What is wrong with an entry of what is set up: which field, which value, and what to do."""


class BadEntry(ValueError):
    """A value that cannot be stored, or a change that makes no sense now. Nothing was changed."""

    def __init__(self, field: str, value: object, cure: str) -> None:
        super().__init__(f"{field}: {shown(value)} cannot be used. {cure}")
        self.field, self.value, self.cure = field, value, cure


def shown(value: object) -> str:
    """A value as an error may repeat it: quoted, and cut where it is long."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
