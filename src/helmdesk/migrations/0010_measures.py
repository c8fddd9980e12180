

import django.db.models.deletion
import helmdesk.foundation.time
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('helmdesk', '0009_calendars'),
    ]

    operations = [
        migrations.CreateModel(
            name='Followed',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Openness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', helmdesk.foundation.time.InstantField()),
                ('ended_at', helmdesk.foundation.time.InstantField(null=True)),
                ('reason', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.text')),
            ],
        ),
        migrations.CreateModel(
            name='HeldSpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.SmallIntegerField()),
                ('start', helmdesk.foundation.time.InstantField()),
                ('end', helmdesk.foundation.time.InstantField(null=True)),
                ('holder', models.CharField(max_length=9)),
                ('holder_id', models.BigIntegerField(null=True)),
                ('wait', models.CharField(max_length=9, null=True)),
                ('overruled', models.BooleanField(default=False)),
                ('provider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.provider')),
                ('ticket', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='helmdesk.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['end', 'start'], name='held_until'), models.Index(condition=models.Q(('end__isnull', True)), fields=['start'], name='held_still')],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'n'), name='held_once')],
            },
        ),
        migrations.CreateModel(
            name='TicketFigures',
            fields=[
                ('ticket', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='figures', serialize=False, to='helmdesk.ticket')),
                ('position', models.IntegerField()),
                ('type', models.CharField(max_length=8)),
                ('priority', models.SmallIntegerField(null=True)),
                ('phase', models.SmallIntegerField()),
                ('opened_at', helmdesk.foundation.time.InstantField()),
                ('responded_at', helmdesk.foundation.time.InstantField(null=True)),
                ('first_resolved_at', helmdesk.foundation.time.InstantField(null=True)),
                ('resolved_at', helmdesk.foundation.time.InstantField(null=True)),
                ('closed_at', helmdesk.foundation.time.InstantField(null=True)),
                ('closed_how', models.CharField(max_length=10, null=True)),
                ('merged', models.BooleanField(default=False)),
                ('reopened_at', helmdesk.foundation.time.InstantField(null=True)),
                ('reopens', models.SmallIntegerField(default=0)),
                ('moves', models.SmallIntegerField(default=0)),
                ('returns', models.SmallIntegerField(default=0)),
                ('asked', models.SmallIntegerField(default=0)),
                ('exchanges', models.SmallIntegerField(default=0)),
                ('worked', models.BigIntegerField(null=True)),
                ('assignee', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.membership')),
                ('category', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.category')),
                ('first_team', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.team')),
                ('provider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.provider')),
                ('requester', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.person')),
                ('service', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.service')),
                ('site', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.site')),
                ('team', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='helmdesk.team')),
            ],
            options={
                'indexes': [models.Index(fields=['closed_at', 'opened_at'], name='figures_period'), models.Index(fields=['opened_at'], name='figures_opened'), models.Index(fields=['requester', 'opened_at'], name='figures_requester')],
            },
        ),
    ]
