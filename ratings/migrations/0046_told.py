from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ratings', '0045_open_ends'),
    ]

    operations = [
        migrations.AddField(
            model_name='decoder',
            name='notes',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='submission',
            name='never_ran',
            field=models.BooleanField(default=False),
        ),
    ]
