"""A row loaded without building a query is the very model that Django loads."""

import pytest
from django.contrib.sessions.models import Session
from django.forms.models import model_to_dict

from helmdesk.foundation.loading import loaded
from helmdesk.people.models import Person
from helmdesk.providers.models import Provider, Team
from tests.world import World

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_what_is_loaded_is_what_django_loads(world: World) -> None:
    for row in (world.people["alice"], world.teams["desk"], world.providers["northwind"]):
        found = loaded(type(row), "id = %s", [row.pk])
        assert found is not None
        assert model_to_dict(found) == model_to_dict(type(row).objects.get(pk=row.pk))


def test_what_is_loaded_can_be_changed_and_followed(world: World) -> None:
    person = loaded(Person, "id = %s", [world.people["alice"].pk])
    assert person is not None
    person.title = "Accountant"
    person.save()
    assert Person.objects.get(pk=person.pk).title == "Accountant"
    team = loaded(Team, "id = %s", [world.teams["desk"].pk])
    assert team is not None
    assert isinstance(team.provider, Provider)


def test_nothing_is_loaded_where_nothing_meets_the_condition() -> None:
    assert loaded(Person, "id = %s", [0]) is None


def test_a_column_that_the_databases_keep_differently_is_refused() -> None:
    with pytest.raises(TypeError, match="ask Django"):
        loaded(Session, "session_key = %s", ["x"])
