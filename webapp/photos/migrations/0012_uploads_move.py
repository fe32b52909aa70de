"""Uploads belong to an app of their own; their table is renamed and keeps every row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("photos", "0011_concert_of_uploads")]

    operations = [
        migrations.RemoveField("upload", "concert"),
        migrations.AlterField("upload", "kind", models.CharField(max_length=12)),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("Upload", "uploads_upload")],
            state_operations=[migrations.DeleteModel("Upload")],
        ),
    ]
