# ruff: noqa: T201, E402
"""Run with an empty database: a site that holds one of everything meets an upgrade.

Prints as JSON the ids of all rows by table, before and after. The argument names which of the
``VERSIONS`` the tables are of; a migration that comes later is tried as soon as it is there.
"""

import datetime as dt
import json
import sys
from itertools import count
from typing import Any

import django

django.setup()

from django.apps import apps as present
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

VERSIONS = {
    "first rooms": [
        ("accounts", "0005_users_by_any_spelling"),
        ("analysis", "0005_recogniser_choice"),
        ("core", "0004_integrity_check"),
        ("live", "0001_initial"),
        ("moments", "0006_video_stored_hash"),
        ("people", "0005_adaptation"),
        ("photos", "0009_photo_counts"),
    ],
    "played videos": [
        ("accounts", "0006_api_key"),
        ("analysis", "0010_portrait_lights"),
        ("core", "0006_fill_event_subject"),
        ("live", "0002_on_air"),
        ("moments", "0012_video_tracks_and_bin"),
        ("people", "0008_aliases_and_covers"),
        ("photos", "0013_grids_by_faces"),
        ("sharing", "0001_initial"),
        ("uploads", "0001_initial"),
    ],
}
MOVED = {"first rooms": {"photos.upload": "uploads.upload"}}
"""Models that belong to another app since."""
EMPTY = {
    "core.job.token",
    "live.livesession.ended_at",
    "moments.emotionsample.video",
    "sharing.share.reel",
    "sharing.share.concert",
}
"""What a constraint wants empty beside the other values."""
NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
VALUES: dict[Any, Any] = {
    models.BooleanField: True,
    models.BinaryField: b"\x01" * 8,
    models.DateField: NOON.date(),
    models.DateTimeField: NOON,
    models.JSONField: {"photo": "0f0f0f0f-0000-0000-0000-000000000000"},
}
made: dict[str, models.Model] = {}
being_made: set[type[models.Model]] = set()
"""Of two models that refer to each other, as concert and cover, one has to be there first."""
numbers = count(1)


def fill(model: type[models.Model], registry: Any) -> models.Model:
    """Return the one row of a model, made with what it refers to; nearly all fields have values."""
    label = model._meta.label_lower
    if label not in made:
        being_made.add(model)
        row = model(**dict(_values(model, registry)))
        row.save()
        made[label] = row
        being_made.remove(model)
        for field in model._meta.local_many_to_many:
            if field.remote_field.through._meta.auto_created:
                getattr(row, field.name).add(fill(_model(registry, field), registry))
    return made[label]


def _values(model: type[models.Model], registry: Any) -> Any:
    for field in model._meta.concrete_fields:
        if field.generated or (field.primary_key and not field.is_relation):
            continue  # Made by the database or by its default.
        if f"{model._meta.label_lower}.{field.name}" in EMPTY:
            continue
        if field.is_relation:
            if not any(_needs(field.related_model, one) for one in being_made):
                yield field.name, fill(_model(registry, field), registry)
        else:
            yield field.name, _value(field)


def _needs(one: type[models.Model], other: type[models.Model]) -> bool:
    """Tell whether a row needs one of another model first, as a concert's cover the concert."""
    return one is other or any(
        field.is_relation and not field.null and field.related_model is other
        for field in one._meta.concrete_fields
    )


def _value(field: Any) -> Any:
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.CharField):
        return f"one {field.name}"[: field.max_length]
    if isinstance(field, models.UUIDField):
        return "0f0f0f0f-0000-0000-0000-000000000000"
    if isinstance(field, models.FloatField):
        return next(numbers) / 1000  # Growing, as x2 has to be larger than x1.
    known = (VALUES[kind] for kind in type(field).__mro__ if kind in VALUES)
    return next(known, None) or next(numbers)


def _model(registry: Any, field: Any) -> type[models.Model]:
    found: type[models.Model] = registry.get_model(field.related_model._meta.label)
    return found


def ids_of(some: list[type[models.Model]]) -> dict[str, list[str]]:
    """Return the ids of all rows by model."""
    return {
        model._meta.label_lower: sorted(map(str, model._base_manager.values_list("pk", flat=True)))
        for model in some
    }


def upgrade(version: str) -> None:
    """Fill the old tables, migrate, and print what was and is there."""
    then, moved = VERSIONS[version], MOVED.get(version, {})
    own = {label for label, _ in then}
    executor = MigrationExecutor(connection)
    executor.migrate(then)
    old = executor.loader.project_state(then).apps
    some = [m for m in old.get_models(include_auto_created=True) if m._meta.app_label in own]
    for model in some:
        if not model._meta.auto_created:
            fill(model, old)
    before = ids_of(some)
    call_command("migrate", verbosity=0)
    after = ids_of([present.get_model(moved.get(label, label)) for label in before])
    uploads = present.get_model("uploads.Upload").objects
    said = {str(row.pk): row.about.get("concert") for row in uploads.all()}
    moved_back = {new: old for old, new in moved.items()}
    print(
        json.dumps(
            {
                "before": before,
                "after": {moved_back.get(label, label): ids for label, ids in after.items()},
                "concert": str(made["photos.concert"].pk),
                "uploads": said,
            }
        )
    )


if __name__ == "__main__":
    upgrade(sys.argv[1])
