import django.db.models.deletion
from django.db import migrations, models

# What each rater judged of each pair, by data set: counted again from the judgments, since the
# counts themselves don't know the pictures.
COUNT_AGAIN = """
DELETE FROM ratings_ratercount;
INSERT INTO ratings_ratercount (rater_id, pair_id, dataset_id, wins_first, wins_second, ties)
SELECT t.rater_id, t.pair_id, o.dataset_id,
    count(*) FILTER (WHERE j.choice = CASE WHEN t.first_left THEN 'left' ELSE 'right' END),
    count(*) FILTER (WHERE j.choice = CASE WHEN t.first_left THEN 'right' ELSE 'left' END),
    count(*) FILTER (WHERE j.choice = 'tie')
FROM ratings_judgment j
JOIN ratings_trial t ON t.id = j.trial_id
JOIN ratings_crop k ON k.id = t.crop_id
JOIN ratings_original o ON o.id = k.original_id
WHERE NOT j.excluded
GROUP BY t.rater_id, t.pair_id, o.dataset_id;
"""
ADD_UP = """
CREATE TEMPORARY TABLE added_up ON COMMIT DROP AS
SELECT rater_id, pair_id, min(dataset_id) AS dataset_id,
    sum(wins_first) AS wins_first, sum(wins_second) AS wins_second, sum(ties) AS ties
FROM ratings_ratercount GROUP BY rater_id, pair_id;
DELETE FROM ratings_ratercount;
INSERT INTO ratings_ratercount (rater_id, pair_id, dataset_id, wins_first, wins_second, ties)
SELECT rater_id, pair_id, dataset_id, wins_first, wins_second, ties FROM added_up;
"""


def by_dataset(null):
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="ratings.dataset",
    )


class Migration(migrations.Migration):
    dependencies = [("ratings", "0001_initial")]

    operations = [
        migrations.AddField("study", "scale", models.CharField(
            choices=[
                ("natural", "log odds"),
                ("elo", "Elo points"),
                ("jnd", "just noticeable differences"),
            ],
            default="natural",
            max_length=10,
        )),
        migrations.AddField("study", "scale_mean", models.FloatField(default=2000)),
        migrations.AddField("study", "tie_model", models.CharField(
            choices=[
                ("half", "a tie is half a win for each"),
                ("davidson", "ties have a strength of their own (Davidson 1970)"),
            ],
            default="half",
            max_length=10,
        )),
        migrations.RemoveConstraint("ratercount", "rater_count_unique"),
        migrations.AddField("ratercount", "dataset", by_dataset(null=True)),
        migrations.RunSQL(COUNT_AGAIN, ADD_UP),
        migrations.AlterField("ratercount", "dataset", by_dataset(null=False)),
        migrations.AddConstraint("ratercount", models.UniqueConstraint(
            fields=("rater", "pair", "dataset"), name="rater_count_unique"
        )),
        migrations.AddField("distortion", "ms_ssim", models.FloatField(null=True)),
        migrations.RemoveConstraint("ranking", "ranking_unique"),
        migrations.RemoveIndex("ranking", "ranking_latest"),
        migrations.AddField("ranking", "dataset", models.ForeignKey(
            null=True,
            on_delete=django.db.models.deletion.CASCADE,
            related_name="+",
            to="ratings.dataset",
        )),
        migrations.AddField("ranking", "tie", models.FloatField(null=True)),
        migrations.AddField("ranking", "groups", models.JSONField(default=list)),
        migrations.AddField("ranking", "pairs", models.JSONField(default=dict)),
        migrations.AddField("ranking", "covariance", models.JSONField(null=True)),
        migrations.AddConstraint("ranking", models.UniqueConstraint(
            fields=("study", "dataset", "input_sha256", "settings", "software_version"),
            name="ranking_unique",
            nulls_distinct=False,
        )),
        migrations.AddIndex("ranking", models.Index(
            fields=["study", "dataset", "computed_at"], name="ranking_latest"
        )),
        migrations.AddField("score", "band_low", models.FloatField(null=True)),
        migrations.AddField("score", "band_high", models.FloatField(null=True)),
        migrations.AddField("score", "degrees_of_freedom", models.FloatField(null=True)),
    ]
