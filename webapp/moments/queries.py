"""What may be read of moments and videos, and by whom; every name includes who asks."""

from uuid import UUID

from django.db.models import F, Q, QuerySet

from webapp.access.rights import Asker, Right, granted
from webapp.core.compared import Compared
from webapp.live.models import LiveSession
from webapp.moments.models import Moment, MomentFrame, Taste, Video
from webapp.people.models import Person
from webapp.photos.queries import kept_since, open_to_members
from webapp.vision.engine.messages import Taste as EngineTaste


def all_moments_of(user: Asker, *, are_few: bool = False) -> QuerySet[Moment]:
    """Return every moment of this user, newest first: also discarded, awaited and lost ones.

    What lies in the bin is in none of these, itself or with its photo.

    Args:
        user: Whose.
        are_few: Whether few of them will be asked for by their ids, so that these are looked up
            and not the user's moments read in their order.
    """
    own = _granted(user, Right.OWN, are_few=are_few).filter(binned_at=None, photo__binned_at=None)
    return own.order_by("-at", "-id")


def moments_in_bin_of(user: Asker) -> QuerySet[Moment]:
    """Return the moments in this user's bin that were not given up, thrown away last first."""
    binned = Moment.objects.filter(owner_id=user.pk, binned_at__gte=kept_since())
    return binned.order_by("-binned_at", "-id")


def moments_visible_to(
    user: Asker, right: Right = Right.OWN, *, are_few: bool = False
) -> QuerySet[Moment]:
    """Return the moments that pages show to who has a right on them, newest first.

    They have a picture and are not discarded; for members of a concert that picture is what counts.
    ``are_few`` as in :func:`all_moments_of`.
    """
    found = _granted(user, right, are_few=are_few).filter(binned_at=None, photo__binned_at=None)
    shown = found.filter(state=Moment.State.READY, is_discarded=False)
    return shown.exclude(photo=None).order_by("-at", "-id")


def _granted(user: Asker, right: Right, *, are_few: bool) -> QuerySet[Moment]:
    in_shared = open_to_members("photo__") & ~Q(photo=None)
    owner = "compared_owner" if are_few else "owner"
    moments = Moment.objects.alias(compared_owner_id=Compared(F("owner_id")))
    return moments.filter(granted(user, right, owner=owner, shared=in_shared))


def moment_frames_of(moment: Moment) -> QuerySet[MomentFrame]:
    """Return the frames of a moment whose picture has arrived, in the order they were taken."""
    arrived = moment.frames.exclude(photo=None).filter(photo__binned_at=None)
    return arrived.select_related("photo")


def all_videos_of(user: Asker) -> QuerySet[Video]:
    """Return every video of this user, newest first; also those in the bin."""
    return Video.objects.filter(owner_id=user.pk).order_by("-created_at", "-id")


def videos_visible_to(user: Asker, right: Right = Right.OWN) -> QuerySet[Video]:
    """Return the videos on which this user has a right and that are in no bin, newest first."""
    found = Video.objects.filter(granted(user, right), binned_at=None)
    return found.order_by("-created_at", "-id")


def sessions_told_to(user: Asker) -> QuerySet[LiveSession]:
    """Return the sessions of whose moments this user may hear: their own, and a shared concert's.

    Camera and picture of a session are its owner's alone (``webapp.live.queries``).
    """
    return LiveSession.objects.filter(granted(user, Right.SEE))


def stars_in(video: Video) -> QuerySet[Person]:
    """Return whom the analysis of a video has named, by name."""
    in_moments = Person.objects.filter(moments__video=video).values("pk")
    in_samples = Person.objects.filter(emotion_samples__video=video).values("pk")
    found = Person.objects.filter(owner_id=video.owner_id)
    return found.filter(Q(pk__in=in_moments) | Q(pk__in=in_samples)).order_by("name", "pk")


def taste_of(owner_id: int) -> Taste:
    """Return what a user wants captured; the usual taste, unsaved, of who never changed it."""
    return Taste.objects.filter(owner_id=owner_id).first() or Taste(owner_id=owner_id)


def favourites_of(taste: Taste) -> list[UUID]:
    """Return the stars that get more; an unsaved taste has none."""
    return list(taste.favourites.values_list("pk", flat=True)) if taste.pk else []


def taste_for_engine(taste: Taste, *, is_wanted: bool) -> EngineTaste:
    """Return a taste in the words of the engine."""
    return {
        "wanted": is_wanted,
        "anyone": taste.anyone,
        "weights": taste.weights,
        "favourites": sorted(map(str, favourites_of(taste))),
        "per_minute": taste.per_minute,
    }


def judged_moments_of(owner_id: int) -> QuerySet[Moment]:
    """Return the moments a user liked or discarded since the taste was last reset."""
    decided = Moment.objects.filter(owner_id=owner_id).exclude(judged_at=None)
    judged = decided.exclude(liked_at=None, is_discarded=False)  # Picked frames teach no taste.
    reset_at = taste_of(owner_id).reset_at
    return judged.filter(judged_at__gt=reset_at) if reset_at else judged
