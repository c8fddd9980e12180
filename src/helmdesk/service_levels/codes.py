"""The ids behind the codes that a level's spec names, as `clocks.reading` asks for them."""

from typing import Final

from helmdesk.foundation.statements import fetched

_TABLES: Final = ("team", "provider", "service", "category", "site", "department")
_ALL: Final = " UNION ALL ".join(f"SELECT '{table}', code, id FROM helmdesk_{table}" for table in _TABLES)  # noqa: S608


class Codes:
    """Looks all of them up in one statement, once there is need of any; codes never change."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int] | None = None

    def team(self, code: str) -> int | None:
        return self._of("team", code)

    def provider(self, code: str) -> int | None:
        return self._of("provider", code)

    def service(self, code: str) -> int | None:
        return self._of("service", code)

    def category(self, code: str) -> int | None:
        return self._of("category", code)

    def site(self, code: str) -> int | None:
        return self._of("site", code)

    def group(self, code: str) -> int | None:
        return self._of("department", code)

    def _of(self, table: str, code: str) -> int | None:
        if self._known is None:
            self._known = {(kind, name): pk for kind, name, pk in fetched(_ALL)}
        return self._known.get((table, code))
