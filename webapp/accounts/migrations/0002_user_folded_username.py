"""Beside each user's name what all its spellings have in common."""

from django.db import migrations

import webapp.core.words.names
from webapp.core.words.names import folded


def fold_names(apps, schema_editor):
    """Fill the new column; names that were apart stay apart."""
    users = apps.get_model("accounts", "User").objects
    for pk, username in users.values_list("pk", "username"):
        users.filter(pk=pk).update(folded_username=folded(username))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='folded_username',
            field=webapp.core.words.names.FoldedField(db_index=True, default='', max_length=450, of='username'),
            preserve_default=False,
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
