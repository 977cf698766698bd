import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ratings', '0061_definition_versions'),
    ]

    operations = [
        migrations.CreateModel(
            name='StagedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300)),
                ('sent_bytes', models.PositiveBigIntegerField()),
                ('sent_sha256', models.CharField(max_length=64)),
                ('sent_at', models.DateTimeField()),
                ('by', models.CharField(max_length=150)),
                ('changes', models.JSONField(default=list)),
                ('exact', models.BooleanField(default=True)),
                ('problem', models.TextField(blank=True)),
                ('width', models.PositiveIntegerField(null=True)),
                ('height', models.PositiveIntegerField(null=True)),
                ('size_bytes', models.PositiveBigIntegerField(null=True)),
                ('sha256', models.CharField(max_length=64, null=True)),
                ('crc32', models.PositiveBigIntegerField(null=True)),
                ('samples_sha256', models.CharField(max_length=64, null=True)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='staged_files', to='ratings.dataset')),
            ],
            options={
                'ordering': ['name'],
                'indexes': [models.Index(fields=['sha256'], name='staged_file'), models.Index(fields=['samples_sha256'], name='staged_samples')],
                'constraints': [models.UniqueConstraint(fields=('dataset', 'name'), name='staged_name_unique')],
            },
        ),
    ]
