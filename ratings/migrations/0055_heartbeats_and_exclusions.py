"""A run's lease lasts as long as its heartbeat; what is out of the competition is excluded."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('ratings', '0050_study_holds'),
    ]

    operations = [
        migrations.RenameField('run', 'pulse_at', 'heartbeat_at'),
        migrations.RenameField('submission', 'out', 'exclusion'),
        migrations.RenameField('submission', 'out_reason', 'exclusion_reason'),
    ]
