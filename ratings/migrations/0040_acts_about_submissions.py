import django.db.models.deletion
from django.db import migrations, models

# What was done about a submission used to be found by the end of its subject: " (UUID)".
KINDS = "('late', 'stop', 'run')"
KEY = r"substring(act.subject FROM ' \(([0-9a-f]{8}-[0-9a-f-]{27})\)$')::uuid"
LINK = f"""
INSERT INTO ratings_submissionact (act_id, submission_id)
SELECT act.id, submission.id
FROM ratings_act AS act
JOIN ratings_submission AS submission ON submission.id = {KEY}
WHERE act.kind IN {KINDS};
UPDATE ratings_act SET subject = left(subject, -39)
WHERE id IN (SELECT act_id FROM ratings_submissionact)
"""
UNLINK = """
UPDATE ratings_act AS act SET subject = left(act.subject, 261) || ' (' || link.submission_id || ')'
FROM ratings_submissionact AS link
WHERE link.act_id = act.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ratings', '0033_run_faults'),
    ]

    operations = [
        migrations.AlterField(
            model_name='act',
            name='subject',
            field=models.TextField(blank=True),
        ),
        migrations.CreateModel(
            name='SubmissionAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='about', to='ratings.act')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acts', to='ratings.submission')),
            ],
        ),
        migrations.RunSQL(LINK, UNLINK),
    ]
