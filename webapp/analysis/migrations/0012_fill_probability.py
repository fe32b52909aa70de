"""How probable the emotion of each face is gets a column of its own, a few faces at a time.

Nothing is locked for long, and what was cut short goes on where it was.
"""

from django.db import migrations, models

BATCH = 5000


class _Picked(models.Func):
    """What a JSON object of numbers holds under the key that another column names; else null."""

    arg_joiner = " ->> "
    template = "CAST(%(expressions)s AS double precision)"
    output_field = models.FloatField()

    def as_sqlite(self, compiler, connection, **more):
        joiner, template = ", '$.\"' || ", "JSON_EXTRACT(%(expressions)s || '\"')"
        return self.as_sql(compiler, connection, arg_joiner=joiner, template=template, **more)


def fill(apps, schema_editor):
    faces = apps.get_model("analysis", "DetectedFace").objects.order_by("pk")
    last = 0
    while ids := list(faces.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        some = faces.filter(pk__gt=last, pk__lte=ids[-1], probability=None).exclude(emotion="")
        some.order_by().update(probability=_Picked("emotions", "emotion"))
        last = ids[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("analysis", "0011_face_probability")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
