"""A file of providers puts foreign groups into teams of providers, or says what is wrong with it."""

from __future__ import annotations

import time

import pytest

from helmdesk.history.providers_map import BadProviders, Placement, read_providers

MAP = """
[providers]
"In-house" = { internal = true }
Northwind = {}

[groups]
"Group 70" = { provider = "Northwind", team = "Desk" }
"Group 2*" = { provider = "Contoso" }
"Group 2*9" = { provider = "Contoso", team = "Nines" }
"[x]?*" = { provider = "Contoso", team = "Odd" }
"*" = { provider = "In-house", team = "Everyone else" }
"""


@pytest.mark.parametrize(
    "group, placement",
    [
        ("Group 70", Placement("Northwind", "Desk", internal=False)),
        ("Group 24", Placement("Contoso", "Group 24", internal=False)),
        ("Group 299", Placement("Contoso", "Nines", internal=False)),
        ("[x]?yz", Placement("Contoso", "Odd", internal=False)),
        ("xayz", Placement("In-house", "Everyone else", internal=True)),
        ("Group\n2", Placement("In-house", "Everyone else", internal=True)),
    ],
)
def test_a_group_has_its_own_entry_or_its_longest_pattern(group, placement):
    assert read_providers(MAP).placement(group) == placement


def test_a_group_that_the_file_does_not_name_has_no_place():
    assert read_providers('[groups]\n"A" = { provider = "P" }').placement("B") is None


def test_a_pattern_of_many_stars_does_not_take_for_ever():
    places = read_providers(f'[groups]\n"{"a*" * 30}b" = {{ provider = "P" }}')
    began = time.process_time()
    assert places.placement("a" * 200) is None
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text, fault",
    [
        ("", 'groups: missing; add [groups] with "Group" = { provider = "Name", team = "Name" }'),
        ("[groups", "not TOML: "),
        ('[groups]\nA = "P"', "groups.\"A\": 'P' is no table; write { provider"),
        ('[groups]\nA = { team = "T" }', 'groups."A": names no provider; add provider = "Name"'),
        ('[groups]\nA = { provider = "" }', "groups.\"A\".provider: '' is no name; give 1 to 120 characters"),
        ('[groups]\nA = { provider = "P", team = 7 }', 'groups."A".team: 7 is no name'),
        ('[groups]\nA = { provider = "P", taem = "T" }', 'groups."A".taem: not known; there are provider and team'),
        ('[teams]\n[groups]\nA = { provider = "P" }', "teams: not known; there are [groups] and [providers]"),
        ('[providers]\nQ = {}\n[groups]\nA = { provider = "P" }', 'providers."Q": no group belongs to it'),
        (
            '[providers]\nP = { internal = 1 }\n[groups]\nA = { provider = "P" }',
            "providers.\"P\": {'internal': 1}",
        ),
        ('providers = 1\n[groups]\nA = { provider = "P" }', "providers: not a table"),
    ],
)
def test_a_wrong_file_names_what_is_wrong_and_its_cure(text, fault):
    with pytest.raises(BadProviders) as refused:
        read_providers(text)
    assert any(said.startswith(fault) for said in refused.value.faults), refused.value.faults
