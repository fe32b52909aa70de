"""Beside each concert's name what all its spellings have in common."""

from django.db import migrations, models

import webapp.core.words.names
from webapp.core.words.names import folded


def fold_names(apps, schema_editor):
    """Fill the new column."""
    concerts = apps.get_model("photos", "Concert").objects
    for pk, name in concerts.values_list("pk", "name"):
        concerts.filter(pk=pk).update(folded_name=folded(name))


class Migration(migrations.Migration):

    dependencies = [
        ('photos', '0005_burst_stacks'),
    ]

    operations = [
        migrations.AddField(
            model_name='concert',
            name='folded_name',
            field=webapp.core.words.names.FoldedField(default='', max_length=360, of='name'),
            preserve_default=False,
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='concert',
            index=models.Index(fields=['owner', 'folded_name'], name='concert_name'),
        ),
    ]
