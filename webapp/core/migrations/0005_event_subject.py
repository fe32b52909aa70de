"""Events say in columns what they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_integrity_check")]

    operations = [
        migrations.AddField(
            "event", "subject_kind", models.CharField(blank=True, default="", max_length=20)
        ),
        migrations.AddField("event", "subject_id", models.UUIDField(blank=True, null=True)),
        migrations.AddIndex(
            "event",
            models.Index(
                condition=models.Q(("subject_id__isnull", False)),
                fields=["user", "subject_id"],
                name="event_by_subject",
            ),
        ),
    ]
