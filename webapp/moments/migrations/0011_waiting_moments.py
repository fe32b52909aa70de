"""Moments whose picture is awaited are found without reading all others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moments", "0010_looks")]

    operations = [
        migrations.AddIndex(
            "moment",
            models.Index(
                condition=models.Q(("state", "wanted")),
                fields=["created_at"],
                name="moment_waiting",
            ),
        ),
    ]
