"""What old events are about is read out of their payloads, and videos and reels are no photos.

Failures of a job called every subject a photo, whatever its stage worked on.
"""

from uuid import UUID

from django.db import migrations

BATCH = 500
_FAILURES = ("job_failed", "job_quarantined")
_KIND_OF_STAGE = {"reel": "reel", "analyse-video": "video"}
_KINDS = ("moment", "video", "reel", "photo")
"""In this order: who tells of a moment may name its photo as well."""


def fill(apps, schema_editor):
    event = apps.get_model("core", "Event")
    changed = []
    for row in event.objects.filter(subject_id=None).order_by("pk").iterator(chunk_size=BATCH):
        if not isinstance(row.payload, dict):
            continue
        if row.kind in _FAILURES:
            row.payload = _called_by_its_kind(row.payload)
        kind = next((one for one in _KINDS if _id(row.payload.get(one))), None)
        if kind is None:
            continue
        row.subject_kind, row.subject_id = kind, _id(row.payload[kind])
        changed.append(row)
        if len(changed) >= BATCH:
            _save(event, changed)
            changed = []
    _save(event, changed)


def _called_by_its_kind(payload):
    kind = _KIND_OF_STAGE.get(payload.get("stage"))
    if kind is None or "photo" not in payload:
        return payload
    return {kind: payload["photo"], **{key: payload[key] for key in payload if key != "photo"}}


def _save(event, rows):
    event.objects.bulk_update(rows, ["subject_kind", "subject_id", "payload"])


def _id(raw):
    try:
        return UUID(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


class Migration(migrations.Migration):
    dependencies = [("core", "0005_event_subject")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
