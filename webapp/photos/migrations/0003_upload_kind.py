"""Uploads may become videos too, so what they became is an id of either kind."""

from django.db import migrations, models
from django.db.models import F


def keep_results(apps, schema_editor):
    """Carry over which photo an upload became."""
    uploads = apps.get_model("photos", "Upload").objects
    uploads.filter(photo__isnull=False).update(became=F("photo_id"))


class Migration(migrations.Migration):
    dependencies = [("photos", "0002_photo_shelf")]

    operations = [
        migrations.AddField(
            "upload",
            "kind",
            models.CharField(
                choices=[("photo", "Photo"), ("video", "Video")], default="photo", max_length=5
            ),
        ),
        migrations.AddField("upload", "became", models.UUIDField(db_index=True, null=True)),
        migrations.RunPython(keep_results, migrations.RunPython.noop),
        migrations.RemoveField("upload", "photo"),
    ]
