"""Take names of people out of the titles of reels that are not linked to them."""

from typing import Any

from django.db import migrations


def take_names_out(apps: Any, schema_editor: Any) -> None:
    """Call animations ``Moment`` and films without names by their concert alone.

    Whose name a title holds may be deleted by now, so what is no concert is taken for a name.
    """
    reels = apps.get_model("moments", "Reel").objects.filter(person_count=0)
    concerts = apps.get_model("photos", "Concert").objects
    reels.filter(kind="loop").update(title="Moment")
    for reel in reels.filter(kind="film").iterator():
        names = list(concerts.filter(owner_id=reel.owner_id).values_list("name", flat=True))
        if reel.title in names:
            continue
        ends = [name for name in names if reel.title.endswith(f", {name}")]
        reel.title = max(ends, key=len, default="Highlights")
        reel.save(update_fields=["title"])


class Migration(migrations.Migration):

    dependencies = [
        ('moments', '0004_names_and_rounds'),
    ]

    operations = [
        migrations.RunPython(take_names_out, migrations.RunPython.noop),
    ]
