"""Stored protocols, holds of a study and sessions of a recruit get the names that code has."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_kinds(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("ratings", "StudyHold").objects.filter(closes=True).update(kind="close")


def mark_closings(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("ratings", "StudyHold").objects.filter(kind="close").update(closes=True)


class Migration(migrations.Migration):

    dependencies = [
        ("ratings", "0049_method_version"),
    ]

    operations = [
        migrations.RenameField("study", "protocol", "protocol_json"),
        migrations.RemoveConstraint("recruit", "recruit_unique"),
        migrations.RenameField("recruit", "turn", "session_number"),
        migrations.AddConstraint(
            "recruit",
            models.UniqueConstraint(
                fields=("study", "platform", "participant", "session_number"),
                name="recruit_unique",
            ),
        ),
        migrations.RenameModel("Pause", "StudyHold"),
        migrations.RemoveConstraint("studyhold", "pause_one_at_a_time"),
        migrations.AlterField(
            "studyhold",
            "study",
            models.ForeignKey(on_delete=models.CASCADE, related_name="holds", to="ratings.study"),
        ),
        migrations.AddField(
            "studyhold",
            "kind",
            models.CharField(
                choices=[("pause", "Paused"), ("close", "Closed")], default="pause", max_length=5
            ),
        ),
        migrations.RunPython(name_kinds, mark_closings),
        migrations.RemoveField("studyhold", "closes"),
        migrations.AddConstraint(
            "studyhold",
            models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("study", "kind"),
                name="hold_one_at_a_time",
            ),
        ),
    ]
