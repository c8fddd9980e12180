"""A small TOML file that says which group of a foreign desk is which team of which provider.

    [providers]
    "In-house" = { internal = true }

    [groups]
    "Group 70" = { provider = "Northwind", team = "Desk" }
    "Group 2*" = { provider = "Contoso" }       # a team of the group's own name
    "*" = { provider = "In-house" }             # everything else

A group's own entry comes before any pattern, a longer pattern before a shorter one.
"""

from __future__ import annotations

import fnmatch
import re
import tomllib
from typing import Any, Final

import msgspec

LONGEST: Final = 120
MAX_TEXT: Final = 1_048_576


class BadProviders(ValueError):
    """A file of providers that cannot be used; `faults` has one sentence for each thing wrong, with its cure."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Placement(msgspec.Struct, frozen=True):
    """Where a foreign group belongs."""

    provider: str
    team: str
    internal: bool


class ProvidersMap:
    """Groups, patterns of groups, and the providers that they belong to."""

    def __init__(self, groups: dict[str, dict[str, str]], internal: frozenset[str]) -> None:
        self.groups = groups
        self.internal = internal
        patterns = sorted((name for name in groups if "*" in name), key=lambda name: (-len(name), name))
        self._patterns = [(_pattern(name), groups[name]) for name in patterns]

    def placement(self, group: str) -> Placement | None:
        """The team and provider of a group, or None where the file says nothing of it."""
        entry = self.groups.get(group)
        if entry is None:
            entry = next((entry for pattern, entry in self._patterns if pattern.fullmatch(group)), None)
        if entry is None:
            return None
        provider = entry["provider"]
        return Placement(provider, entry.get("team", group), provider in self.internal)


def read_providers(text: str) -> ProvidersMap:
    """The map that a TOML text says. Raises BadProviders with all faults."""
    if len(text) > MAX_TEXT:
        raise BadProviders([f"longer than {MAX_TEXT:,} characters: is it a map of groups?"])
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadProviders([f"not TOML: {fault}"]) from None
    groups = said.get("groups", {})
    providers = said.get("providers", {})
    faults = [
        f"{key}: not known; there are [groups] and [providers]" for key in said if key not in {"groups", "providers"}
    ]
    if not isinstance(groups, dict) or not groups:
        faults.append('groups: missing; add [groups] with "Group" = { provider = "Name", team = "Name" }')
        raise BadProviders(faults)
    elif not isinstance(providers, dict):
        raise BadProviders([*faults, 'providers: not a table; write [providers] with "Name" = { internal = true }'])
    for group, entry in groups.items():
        faults += _group_faults(group, entry)
    for name, entry in providers.items():
        faults += _provider_faults(name, entry, groups)
    if faults:
        raise BadProviders(faults)
    return ProvidersMap(groups, frozenset(name for name, entry in providers.items() if entry.get("internal")))


def _group_faults(group: str, entry: Any) -> list[str]:
    where = f'groups."{group}"'
    if not isinstance(entry, dict):
        return [f'{where}: {entry!r} is no table; write {{ provider = "Name", team = "Name" }}']
    faults = [
        f"{where}.{key}: not known; there are provider and team" for key in entry if key not in {"provider", "team"}
    ]
    if "provider" not in entry:
        faults.append(f'{where}: names no provider; add provider = "Name"')
    for key in ("provider", "team"):
        name = entry.get(key, "x")
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST:
            faults.append(f"{where}.{key}: {name!r} is no name; give 1 to {LONGEST} characters")
    return faults


def _provider_faults(name: str, entry: Any, groups: dict[str, Any]) -> list[str]:
    where = f'providers."{name}"'
    used = {each.get("provider") for each in groups.values() if isinstance(each, dict)}
    if not isinstance(entry, dict) or entry.keys() - {"internal"} or not isinstance(entry.get("internal", False), bool):
        return [f"{where}: {entry!r} is not understood; write {{ internal = true }} or {{ internal = false }}"]
    elif name not in used:
        return [f"{where}: no group belongs to it; add one, or remove it"]
    else:
        return []


def _pattern(name: str) -> re.Pattern[str]:
    """Only * is special. fnmatch guards its stars against backtracking without end."""
    return re.compile(fnmatch.translate(re.sub(r"([?\[])", r"[\1]", name)))
