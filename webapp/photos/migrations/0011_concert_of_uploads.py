"""An upload's concert stands among what was said about it; uploads move below photos next."""

from django.db import migrations


def say_concert(apps, schema_editor):
    """Write the concert of each unfinished upload where its finish looks for it."""
    uploads = apps.get_model("photos", "Upload").objects
    for upload in uploads.exclude(concert=None).iterator():
        upload.about = {**upload.about, "concert": str(upload.concert_id)}
        upload.save(update_fields=["about"])


class Migration(migrations.Migration):
    dependencies = [("photos", "0010_bin_and_grids")]

    operations = [migrations.RunPython(say_concert, migrations.RunPython.noop)]
