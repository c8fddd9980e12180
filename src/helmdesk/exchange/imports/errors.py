"""What keeps an import from beginning. Nothing was written."""


class CannotImport(ValueError):
    """A file, option or desk that cannot be used; each sentence names what, why, and the cure."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
