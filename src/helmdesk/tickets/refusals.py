"""Why a verb was not done: said in words that a person can act on."""


class Refused(Exception):
    """A verb that makes no sense now, or that something happened before. Nothing was changed.

    `code` names the rule for programs, `message` says it to a person, `cure` what to do instead.
    """

    def __init__(self, code: str, message: str, *, field: str = "", value: object = "", cure: str = "") -> None:
        super().__init__(f"{message} {cure}".strip())
        self.code, self.message, self.field, self.value, self.cure = code, message, field, value, cure


class NotThere(Refused):
    """What was named does not exist for this viewer; says nothing of whether it exists for others."""

    def __init__(self, what: str, value: object) -> None:
        super().__init__("not_there", f"There is no {what} {value} here.", field=what, value=value)


class Overtaken(Refused):
    """Somebody else moved the ball since the page was shown."""

    def __init__(self, what_happened: str) -> None:
        super().__init__(
            "overtaken",
            f"Meanwhile {what_happened}.",
            cure="Nothing was changed by you; look at it as it is now and decide again.",
        )
