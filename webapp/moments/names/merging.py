"""What moments, reels and timelines know of two people who become one, and are two again."""

from typing import Any
from uuid import UUID

from django.db.models import F, Q

from webapp.live.models import LiveSession
from webapp.moments.models import EmotionSample, Moment, Reel, Taste, Video, VideoTrack

_PLACES = ("session_id", "video_id", "second")
_READINGS = ("owner_id", *_PLACES, "emotions", "count")


class MomentMerger:
    """Moves what one person has here to another (``webapp.analysis.names.merging.Merger``)."""

    name = "moments"

    def merge(self, source_id: UUID, target_id: UUID) -> dict[str, Any]:
        """Give all to the target; what both have, the target has already."""
        moments = Moment.people.through.objects
        theirs = moments.filter(person_id=target_id).values("moment_id")
        source = moments.filter(person_id=source_id)
        moved = {
            "shared moments": _texts(source.filter(moment_id__in=theirs), "moment_id"),
            "moments": _texts(source.exclude(moment_id__in=theirs), "moment_id"),
            **_merge_in_reels(source_id, target_id),
            **_merge_in_tastes(source_id, target_id),
            **_merge_readings(source_id, target_id),
        }
        tracks = VideoTrack.objects.filter(person_id=source_id)
        moved["tracks"] = list(tracks.values_list("pk", flat=True))
        tracks.update(person_id=target_id)
        source.filter(moment_id__in=moved["moments"]).update(person_id=target_id)
        return moved

    def part(self, source_id: UUID, target_id: UUID, moved: Any) -> None:
        """Give back what is still there."""
        links = Moment.people.through.objects
        own = links.filter(moment_id__in=moved["moments"], person_id=target_id)
        own.update(person_id=source_id)
        _link(Moment, "moment_id", moved["shared moments"], source_id)
        _part_in_reels(source_id, target_id, moved)
        tastes = Taste.favourites.through.objects
        for pk in _there(Taste, moved["tastes"]):
            tastes.get_or_create(taste_id=pk, person_id=source_id)
        tastes.filter(taste_id__in=moved["new tastes"], person_id=target_id).delete()
        tracks = VideoTrack.objects.filter(pk__in=moved.get("tracks", []), person_id=target_id)
        tracks.update(person_id=source_id)
        samples = EmotionSample.objects
        samples.filter(pk__in=moved["readings"], person_id=target_id).update(person_id=source_id)
        for reading in moved["double readings"]:
            values = dict(zip(_READINGS, reading, strict=True))
            if _is_there(LiveSession, values["session_id"]) and _is_there(
                Video, values["video_id"]
            ):
                samples.create(person_id=source_id, **values)


class NamesKeeper:
    """Links moments again to who was deleted and comes back (``analysis.sorting.forgetting``)."""

    name = "moments"

    def going(self, person_id: UUID) -> list[str]:
        """Return the moments in which somebody is named."""
        return _texts(Moment.people.through.objects.filter(person_id=person_id), "moment_id")

    def back(self, person_id: UUID, kept: Any) -> None:
        """Name them there again."""
        _link(Moment, "moment_id", kept, person_id)


def _merge_in_reels(source_id: UUID, target_id: UUID) -> dict[str, Any]:
    """Link films to the target; one that named both has one person less, and is not stale."""
    links = Reel.people.through.objects
    source = links.filter(person_id=source_id)
    theirs = links.filter(person_id=target_id).values("reel_id")
    shared = _texts(source.filter(reel_id__in=theirs), "reel_id")
    own = _texts(source.exclude(reel_id__in=theirs), "reel_id")
    Reel.objects.filter(pk__in=shared).update(person_count=F("person_count") - 1)
    source.filter(reel_id__in=shared).delete()
    source.update(person_id=target_id)
    return {"reels": own, "shared reels": shared}


def _part_in_reels(source_id: UUID, target_id: UUID, moved: Any) -> None:
    links = Reel.people.through.objects
    links.filter(reel_id__in=moved["reels"], person_id=target_id).update(person_id=source_id)
    there = _there(Reel, moved["shared reels"])
    _link(Reel, "reel_id", there, source_id)
    Reel.objects.filter(pk__in=there).update(person_count=F("person_count") + 1)


def _merge_in_tastes(source_id: UUID, target_id: UUID) -> dict[str, Any]:
    tastes = list(Taste.objects.filter(favourites=source_id))
    fresh = [one for one in tastes if not one.favourites.filter(pk=target_id).exists()]
    for taste in fresh:
        taste.favourites.add(target_id)  # type: ignore[arg-type]
    return {"tastes": [one.pk for one in tastes], "new tastes": [one.pk for one in fresh]}


def _merge_readings(source_id: UUID, target_id: UUID) -> dict[str, Any]:
    """Give readings to the target, but for the seconds of which there is one already."""
    samples = EmotionSample.objects
    taken = set(samples.filter(person_id=target_id).values_list(*_PLACES))
    rows = samples.filter(person_id=source_id).values_list("pk", *_PLACES)
    moved = [pk for pk, *place in rows if tuple(place) not in taken]
    doubles = samples.filter(~Q(pk__in=moved), person_id=source_id).values_list(*_READINGS)
    kept = [[str(one) if isinstance(one, UUID) else one for one in row] for row in doubles]
    samples.filter(pk__in=moved).update(person_id=target_id)
    return {"readings": moved, "double readings": kept}


def _texts(links: Any, field: str) -> list[str]:
    return [str(pk) for pk in links.values_list(field, flat=True)]


def _there(model: Any, ids: list[Any]) -> list[Any]:
    """Return those of the ids that still belong to a row."""
    return list(model.objects.filter(pk__in=ids).values_list("pk", flat=True))


def _is_there(model: Any, pk: str | None) -> bool:
    """Whether a row is there that was named; none that was not named is missed."""
    return pk is None or model.objects.filter(pk=pk).exists()


def _link(model: Any, field: str, ids: list[Any], person_id: UUID) -> None:
    links = model.people.through.objects
    for pk in _there(model, ids):
        links.get_or_create(**{field: pk}, person_id=person_id)
