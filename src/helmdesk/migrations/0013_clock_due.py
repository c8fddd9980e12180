"""Open clocks in the order in which they run out."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("helmdesk", "0012_search_pending")]
    operations = [
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                fields=["due_at", "id"], name="clock_due", condition=Q(stop__isnull=True, due_at__isnull=False)
            ),
        ),
    ]
