"""Queues in the order of what is due next: the walks of each view by one index again."""

from django.db import migrations, models
from django.db.models.functions import Coalesce

OPEN = models.Q(("closed_at__isnull", True))
NOBODY = models.Q(("closed_at__isnull", True), ("assignee__isnull", True))
FIRST = {
    "open_team": ("team",),
    "open_assignee": ("assignee",),
    "open_scope": ("scope",),
    "open_newest": (),
    "open_nobody": ("team",),
}


def index(name: str) -> models.Index:
    return models.Index(
        *(models.F(field) for field in FIRST[name]),
        Coalesce(models.F("next_due_at"), models.Value(2**62), output_field=models.BigIntegerField()),
        models.OrderBy(models.F("updated_at"), descending=True),
        models.OrderBy(models.F("id"), descending=True),
        condition=NOBODY if name == "open_nobody" else OPEN,
        name=name,
    )


class Migration(migrations.Migration):
    dependencies = [("helmdesk", "0014_closing")]

    operations = [
        operation
        for name in FIRST
        for operation in (
            migrations.RemoveIndex(model_name="ticket", name=name),
            migrations.AddIndex(model_name="ticket", index=index(name)),
        )
    ]
