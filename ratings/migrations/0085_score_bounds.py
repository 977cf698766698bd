from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ratings", "0084_elsewhere")]

    operations = [
        migrations.AddField(
            model_name="score", name="score_at_least", field=models.FloatField(null=True)
        ),
        migrations.AddField(
            model_name="score", name="score_at_most", field=models.FloatField(null=True)
        ),
    ]
