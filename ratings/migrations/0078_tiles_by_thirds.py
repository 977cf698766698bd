from django.db import migrations


def make_anew(apps, schema_editor):
    """Levels are thirds now: what was prepared by halves goes, and workers prepare it anew."""
    apps.get_model("ratings", "PreparedPicture").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [("ratings", "0076_whole_releases")]

    operations = [migrations.RunPython(make_anew, make_anew, elidable=True)]
