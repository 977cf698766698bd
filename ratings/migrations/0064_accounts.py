
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ratings', '0062_staged_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditentry',
            name='challenge',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='audit_entries', to='ratings.challenge'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='kind',
            field=models.CharField(choices=[('late', 'took a late submission in'), ('decoder', 'registered a decoder'), ('password', "set a team's password anew"), ('kind', "changed a team's kind"), ('factsheet', 'took a late factsheet in'), ('erase', "erased a team's personal data"), ('stop', 'stopped a decoder'), ('run', 'let a decoder run again'), ('withdraw', 'withdrew a submission'), ('disqualify', 'disqualified a submission'), ('readmit', 'took a submission in again'), ('invite', 'invited somebody to an account'), ('uninvite', 'took an invitation back'), ('join', 'made an account by an invitation'), ('role', 'gave an account a role'), ('no-role', 'took a role away from an account'), ('reset', "reset an account's password"), ('new-password', 'set a password by a link'), ('own-password', 'changed the own password')], max_length=12),
        ),
        migrations.CreateModel(
            name='AccountLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('label', models.CharField(blank=True, max_length=100)),
                ('role', models.CharField(blank=True, choices=[('viewer', 'viewer'), ('panel', 'panel member'), ('organizer', 'organizer')], max_length=12)),
                ('by', models.CharField(max_length=150)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('challenge', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ratings.challenge')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='account_links', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('viewer', 'viewer'), ('panel', 'panel member'), ('organizer', 'organizer')], max_length=12)),
                ('challenge', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='ratings.challenge')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'challenge'), name='membership_unique', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('challenge', None), ('role', 'organizer'), _negated=True), name='membership_no_site_organizer')],
            },
        ),
    ]
