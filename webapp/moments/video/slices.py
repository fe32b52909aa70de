"""The analysis of one slice of a video, and the one transaction that stores all it gave.

A slice reads the video from its own file and the moments before it from the database, so it can be
done again after a kill: nothing of it is visible until all of it is.
"""

import datetime as dt
import errno
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop

from webapp.accounts.queries import has_consent
from webapp.core import events, jobs
from webapp.core.files.durable import sha256_of
from webapp.live.queries import roster_of
from webapp.moments.endings import tell_of_video
from webapp.moments.keeping import Origin, keep_moment
from webapp.moments.models import EmotionSample, Moment, Video, VideoTrack
from webapp.moments.queries import taste_for_engine, taste_of
from webapp.moments.video import pictures as video_pictures
from webapp.moments.video import storage as video_storage
from webapp.moments.video.known import key_of, unseen
from webapp.moments.video.pictures import Pictures
from webapp.moments.video.services import (
    ANALYSE,
    begin_clearing,
    clear_earlier_round,
    is_begun_anew,
    kept_moments,
)
from webapp.people.models import Person
from webapp.people.queries import gallery_state, locked_gallery_state
from webapp.vision import UnavailableError
from webapp.vision.chosen import ChosenMoment
from webapp.vision.films.analysis import (
    Earlier,
    Findings,
    Slice,
    analyse_slice,
)
from webapp.vision.sandbox.videos import UnreadableVideoError, blank_places, read_facts

SLICE_SECONDS = 30.0
"""A multiple of the timeline's bins. Long enough that what is read twice at a seam is little."""

QUOTA_SECONDS = 60.0
"""So far back moments count for the next (``inference.moments.kept``)."""

_BROKEN_OFF_SHARE = 0.05
_DISK_FULL = gettext_noop(
    "The disk is full. Make room, then analyse the video again: it goes on where it was."
)
_NO_FILE = gettext_noop("The file of this video is missing. Upload it again.")


def analyse_next_slice(claim: jobs.Claim) -> None:
    """Analyse the slice after what is done; the next one is queued with its results.

    Raises:
        jobs.BadInputError: The video cannot be analysed; the text says why.
        jobs.LostClaimError: It was deleted.
    """
    video = Video.objects.filter(pk=claim.subject_id, owner_id=claim.owner_id).first()
    if video is None:
        raise jobs.LostClaimError(f"video {claim.subject_id} is gone")
    try:
        if video.duration_seconds is None:
            _open(video)
        _analyse(claim, video)
    except (UnreadableVideoError, UnavailableError) as error:
        raise jobs.BadInputError(str(error)) from error
    except FileNotFoundError as error:
        if not Video.objects.filter(pk=video.pk).exists():
            raise jobs.LostClaimError(f"video {video.pk} was deleted meanwhile") from error
        raise jobs.BadInputError(_NO_FILE) from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise jobs.BadInputError(_DISK_FULL) from error


def _open(video: Video) -> None:
    """Find out what the file is, take its places out, and refuse one that is too long."""
    facts = read_facts(video_storage.file_of(video.pk))
    _blank_places(video)
    longest = settings.VIDEO_MAX_MINUTES
    if facts.seconds > 60 * longest:
        raise jobs.BadInputError(
            gettext(
                "The video is %(seconds)s minutes long; the limit is %(longest)s. Cut it into "
                "shorter ones."
            )
            % {"seconds": f"{facts.seconds / 60:.0f}", "longest": longest}
        )
    video.duration_seconds = facts.seconds
    if video.session_id is None:  # The server knows better when a session's feed began.
        video.recorded_at = facts.recorded_at
    video.width, video.height = facts.width, facts.height
    video.state = Video.State.ANALYSING
    opened = ["duration_seconds", "recorded_at", "width", "height", "state", "stored_sha256"]
    video.save(update_fields=opened)


def _blank_places(video: Video) -> None:
    """Take out of the file where it was filmed, and note its new hash even if killed in between."""
    path = video_storage.file_of(video.pk)
    was_interrupted = video.stored_sha256 == Video.REWRITING
    Video.objects.filter(pk=video.pk).update(stored_sha256=Video.REWRITING)
    has_changed = blank_places(path) or was_interrupted
    video.stored_sha256 = sha256_of(path) if has_changed else ""


def _analyse(claim: jobs.Claim, video: Video) -> None:
    _, generation = gallery_state(video.owner_id)
    found = analyse_slice(
        video_storage.file_of(video.pk), _plan(video), lambda: jobs.is_overtaken(claim)
    )
    new = unseen(video, found.moments, video.analysed_seconds + SLICE_SECONDS)
    pictures = video_pictures.keep(video, new, lambda: jobs.holds(claim))
    if is_begun_anew(video) and jobs.holds(claim):
        begin_clearing(video)
    try:
        with jobs.finish(claim):
            is_forgotten = locked_gallery_state(video.owner_id)[1] != generation
            known = set() if is_forgotten else _people(video, found)
            if is_begun_anew(video):
                clear_earlier_round(video)
            for chosen in new:
                _store(video, chosen, known, pictures)
            _store_samples(video, found, known)
            _store_tracks(video, found, known)
            _advance(video, found)
    except jobs.LostClaimError:
        if Video.objects.filter(pk=video.pk).exists():
            raise  # Another worker is at the same slice, and writes the same files.
        video_pictures.drop_unused(pictures)
        raise
    video_pictures.drop_unused(pictures)


def _plan(video: Video) -> Slice:
    start = video.analysed_seconds
    is_known = has_consent(video.owner_id)
    return Slice(
        start=start,
        stop=start + SLICE_SECONDS,
        roster=roster_of(video.owner_id) if is_known else None,
        taste=taste_for_engine(taste_of(video.owner_id), is_wanted=True),
        earlier=_earlier(video),
    )


def _earlier(video: Video) -> tuple[Earlier, ...]:
    """Return the moments before on which the next depend: the last minute, and all looks."""
    is_near = Q(moment__at_seconds__gt=video.analysed_seconds - QUOTA_SECONDS)
    people = Moment.people.through.objects.filter(
        is_near | ~Q(moment__look=b""), moment__in=kept_moments(video)
    )
    rows = people.order_by("moment__at_seconds", "pk").values_list(
        *("person_id", "moment__at_seconds", "moment__score", "moment__emotion", "moment__look")
    )
    return tuple(
        Earlier(person, seconds, score or 0.0, emotion, bytes(look))
        for person, seconds, score, emotion, look in rows
    )


def _people(video: Video, found: Findings) -> set[UUID]:
    """Return who of the findings still exists."""
    named = {person for one in found.moments for person in one.people}
    named |= {sample.person for sample in found.samples}
    named |= {path.person for path in found.paths if path.person}
    people = Person.objects.filter(owner_id=video.owner_id, pk__in=named)
    return set(people.values_list("pk", flat=True))


def _store(video: Video, chosen: ChosenMoment, known: set[UUID], pictures: Pictures) -> None:
    """Keep one moment whose people and pictures are still there."""
    people = tuple(person for person in chosen.people if person in known)
    frames = tuple(
        replace(frame, photo=pictures[frame.number].photo_id)
        for frame in chosen.frames
        if frame.number in pictures
    )
    if not frames or (chosen.people and not people):
        return
    kept = replace(chosen, people=people, frames=frames)
    seconds = kept.best.seconds
    origin = Origin(
        owner_id=video.owner_id,
        key=key_of(video, chosen),
        at=(video.recorded_at or video.created_at) + dt.timedelta(seconds=seconds),
        concert_id=video.concert_id,
        video=video,
        at_seconds=seconds,
    )
    rows = [pictures[frame.number] for frame in frames]
    keep_moment(kept, origin, before_rows=lambda: video_pictures.insert(video, rows, seconds))


def _store_samples(video: Video, found: Findings, known: set[UUID]) -> None:
    EmotionSample.objects.bulk_create(
        EmotionSample(
            owner_id=video.owner_id,
            video=video,
            person_id=sample.person,
            second=sample.second,
            emotions=sample.emotions,
            count=sample.count,
        )
        for sample in found.samples
        if sample.person in known
    )


def _store_tracks(video: Video, found: Findings, known: set[UUID]) -> None:
    VideoTrack.objects.bulk_create(
        VideoTrack(
            video=video,
            person_id=path.person if path.person in known else None,
            start_ms=path.boxes[0][0],
            stop_ms=path.boxes[-1][0],
            boxes=path.boxes,
        )
        for path in found.paths
    )


def _advance(video: Video, found: Findings) -> None:
    """Note how far the video has come, tell open pages, and queue what is left."""
    duration = video.duration_seconds or 0.0
    after = found.stop
    is_over = found.is_over or after >= 60 * settings.VIDEO_MAX_MINUTES
    video.analysed_seconds = min(after, max(found.reached, duration)) if is_over else after
    video.state = Video.State.READY if is_over else Video.State.ANALYSING
    if is_over:
        video.moments.exclude(look=b"").update(look=b"")
        video.failure = _what_is_missing(found.reached, duration)
    video.save(update_fields=["analysed_seconds", "state", "failure"])
    told = {
        "seconds": round(video.analysed_seconds, 1),
        "duration": round(duration, 1),
        "moments": video.moments.count(),
    }
    kind, about = "video_ready" if is_over else "video_progress", events.Subject("video", video.pk)
    events.publish(video.owner_id, kind, told, about=about)
    if is_over:
        tell_of_video(video)
    else:
        jobs.enqueue(ANALYSE, video.pk, video.owner_id)


def _what_is_missing(reached: float, duration: float) -> str:
    """Return a sentence about a video that ends long before it says, else nothing."""
    if duration - reached <= max(2.0, _BROKEN_OFF_SHARE * duration):
        return ""
    return gettext(
        "Only %(reached)s of %(duration)s could be read: the rest of the file is missing or "
        "damaged."
    ) % {"reached": _clock(reached), "duration": _clock(duration)}


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
