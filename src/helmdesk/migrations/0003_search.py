"""The index tables of search."""

from django.db import migrations

from helmdesk.tickets.search import tables


class Migration(migrations.Migration):
    dependencies = [("helmdesk", "0002_opened_scopes")]
    operations = [migrations.RunPython(tables.create, tables.drop)]
