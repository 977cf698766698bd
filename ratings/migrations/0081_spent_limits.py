from django.db import migrations, models


class Migration(migrations.Migration):
    """Counts of all limits in one table.

    That of failures stays for web servers of the version before, which still count there; nothing
    reads it any more, and a later version drops it.
    """

    dependencies = [("ratings", "0080_workers")]

    operations = [
        migrations.CreateModel(
            name="SpentLimit",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="SignInFailure")],
        ),
        # Addresses are kept for minutes, not for good.
        migrations.RunSQL("DELETE FROM ratings_signinfailure", migrations.RunSQL.noop),
    ]
