import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('ratings', '0055_heartbeats_and_exclusions'),
    ]

    operations = [
        migrations.RenameModel(old_name='Act', new_name='AuditEntry'),
        migrations.RenameModel(old_name='SubmissionAct', new_name='SubmissionAuditEntry'),
        migrations.RenameField(
            model_name='submissionauditentry', old_name='act', new_name='entry'
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='challenge',
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name='audit_entries',
                to='ratings.challenge',
            ),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='team',
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name='audit_entries',
                to='ratings.team',
            ),
        ),
        migrations.AlterField(
            model_name='submissionauditentry',
            name='submission',
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name='audit_entries',
                to='ratings.submission',
            ),
        ),
    ]
