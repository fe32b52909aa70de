"""One person for all spellings of a name.

Databases compared names so far, and SQLite takes ROSÉ and Rosé for two. Where there are two by
now, both stay: the later one is called "Rosé (2)" until the user merges them.
"""

from django.db import migrations, models

import webapp.core.words.names
from webapp.core.words.names import folded

NAME_LENGTH = 80


def fold_names(apps, schema_editor):
    """Fill the new columns, numbering what has become the same."""
    groups, people = apps.get_model("people", "Group"), apps.get_model("people", "Person")
    taken = set()
    for row in groups.objects.order_by("created_at", "id").iterator():
        _name_apart(row, (row.owner_id,), taken)
    taken = set()
    for row in people.objects.order_by("created_at", "id").iterator():
        _name_apart(row, (row.owner_id, row.group_id), taken)


def _name_apart(row, where, taken):
    name, number = row.name, 1
    while (*where, folded(name)) in taken:
        number += 1
        ending = f" ({number})"
        name = row.name[: NAME_LENGTH - len(ending)] + ending
    taken.add((*where, folded(name)))
    type(row).objects.filter(pk=row.pk).update(name=name, folded_name=folded(name))


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.AlterModelOptions(name='group', options={'ordering': ('folded_name', 'id')}),
        migrations.AlterModelOptions(name='person', options={'ordering': ('folded_name', 'id')}),
        migrations.RemoveConstraint(model_name='group', name='people_group_once_per_owner'),
        migrations.RemoveConstraint(model_name='person', name='people_person_once_per_group'),
        migrations.RemoveConstraint(model_name='person', name='people_person_once_without_group'),
        migrations.AddField(
            model_name='group',
            name='folded_name',
            field=webapp.core.words.names.FoldedField(default='', max_length=240, of='name'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='person',
            name='folded_name',
            field=webapp.core.words.names.FoldedField(default='', max_length=240, of='name'),
            preserve_default=False,
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='group',
            constraint=models.UniqueConstraint(fields=('owner', 'folded_name'), name='people_group_once_per_owner'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(condition=models.Q(('group__isnull', False)), fields=('owner', 'group', 'folded_name'), name='people_person_once_per_group'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(condition=models.Q(('group__isnull', True)), fields=('owner', 'folded_name'), name='people_person_once_without_group'),
        ),
    ]
