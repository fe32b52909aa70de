from django.db import migrations, models
from django.db.models import OuterRef, Subquery

BETWEEN = "between two frames that were seen"


def take_made_up_scores_out(apps, schema_editor):
    """Empty the scores of frames and moments that nobody scored; scored ones have their terms."""
    moments = apps.get_model("moments", "Moment").objects
    frames = apps.get_model("moments", "MomentFrame").objects
    unscored = frames.filter(terms={})
    unscored.filter(reason=BETWEEN, score__gt=0).update(is_peak=True, score=None)
    unscored.filter(score=0).update(score=None)
    scored = frames.filter(moment=OuterRef("pk"), score__isnull=False).order_by("-score")
    picked_at_zero = frames.filter(is_picked=True, score=0).values("moment")
    unsure = moments.filter(score=0).exclude(pk__in=picked_at_zero)
    unsure.update(score=Subquery(scored.values("score")[:1]))


def give_zero(apps, schema_editor):
    """Say 0 again, as before."""
    for name in ("Moment", "MomentFrame"):
        apps.get_model("moments", name).objects.filter(score=None).update(score=0.0)


class Migration(migrations.Migration):

    dependencies = [("moments", "0008_bin")]

    operations = [
        migrations.AddField(
            model_name="momentframe",
            name="is_peak",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="moment",
            name="score",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="momentframe",
            name="score",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.RunPython(take_made_up_scores_out, give_zero),
    ]
