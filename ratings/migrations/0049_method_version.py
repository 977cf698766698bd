from django.db import migrations, models
from django.db.models import F


def keep_apart(apps, schema_editor):
    """Rankings of before stay as they are: each was made by the method of its software."""
    apps.get_model("ratings", "Ranking").objects.update(method_version=F("software_version"))


class Migration(migrations.Migration):

    dependencies = [("ratings", "0048_rankings_in_order")]

    operations = [
        migrations.AddField("ranking", "method_version", models.CharField(default="", max_length=40), preserve_default=False),
        migrations.RunPython(keep_apart, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint("ranking", "ranking_unique"),
        migrations.AddConstraint(
            "ranking",
            models.UniqueConstraint(
                fields=["study", "dataset", "variant", "input_sha256", "settings", "method_version"],
                name="ranking_unique",
                nulls_distinct=False,
            ),
        ),
    ]
