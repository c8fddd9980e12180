"""New rows of the search index do not pile up unsorted on PostgreSQL."""

from django.db import migrations

from helmdesk.tickets.search import tables


class Migration(migrations.Migration):
    dependencies = [("helmdesk", "0011_service_levels")]
    operations = [migrations.RunPython(tables.keep_pending_short, migrations.RunPython.noop)]
