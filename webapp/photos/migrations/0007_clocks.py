"""One kind of time, and the bare time of cameras beside it.

What was stored as a photo's time is what its camera showed, without a zone; it is kept as that, and
read in the zone of concert or owner once a browser has told one. Frames of moments were dated by
the server and stay. Times out of reason, which stopped later stages, are none.
"""

from datetime import UTC, datetime, timedelta

from django.db import migrations, models
from django.db.models import F, Q

FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)


def keep_camera_times(apps, schema_editor):
    """Forget dates that cannot be, and keep the others as what a camera showed."""
    photos = apps.get_model("photos", "Photo").objects
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    photos.filter(Q(taken_at__lt=FIRST_DAY) | Q(taken_at__gt=tomorrow)).update(taken_at=None)
    photos.filter(shelf="library").update(camera_time=F("taken_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('photos', '0006_concert_folded_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='concert',
            name='time_zone',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='photo',
            name='camera_time',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(keep_camera_times, migrations.RunPython.noop),
    ]
