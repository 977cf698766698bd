"""Rankings say which of their methods are ahead or behind by an unknown distance."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ratings", "0044_unfilled_links")]

    operations = [
        migrations.AddField(
            model_name="ranking", name="open_ends", field=models.JSONField(default=dict)
        ),
    ]
