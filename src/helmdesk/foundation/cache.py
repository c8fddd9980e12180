"""The table behind Django's cache: what several processes must remember alike for a while, such as limits."""

from django.db import models


class Remembered(models.Model):
    """One entry, in the columns that `DatabaseCache` expects."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "helmdesk_remembered"
