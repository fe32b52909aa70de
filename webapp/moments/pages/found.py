"""What was found in a video or a live session, in one sentence, for whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from webapp.access.rights import Asker, Right
from webapp.live.models import LiveSession
from webapp.moments.models import Moment, Video
from webapp.moments.queries import moments_visible_to, sessions_told_to, videos_visible_to

MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What is said of a video or a session that is over.

    Attributes:
        title: What it is, with its name.
        untitled: What kind of thing it is, without any name.
        stars: Names of who was caught, most moments first.
        page: Where more is to be seen; a path of this site.
        link: What the link to it says.
    """

    title: str
    untitled: str
    moments: int
    stars: list[str]
    page: str
    link: str

    def sentence(self) -> str:
        """Return the sentence for a page: which film, how many moments, of how many stars."""
        return _sentence(self.title, self.moments, _many(len(self.stars)))

    def sentence_with_names(self) -> str:
        """Return the sentence with the names of the stars."""
        return _sentence(self.title, self.moments, _listed(self.stars))

    def sentence_without_names(self) -> str:
        """Return the sentence without any name: also that of a film or a concert may be one."""
        return _sentence(self.untitled, self.moments, _many(len(self.stars)))


def found_in(user: Asker, kind: str, subject_id: UUID) -> Found | None:
    """Return what was found in a ``video`` or a ``session``; nothing where the user sees none."""
    return _KINDS[kind](user, subject_id)


def _in_video(user: Asker, video_id: UUID) -> Found | None:
    visible = videos_visible_to(user, Right.SEE).select_related("concert")
    video = visible.filter(pk=video_id).first()
    if video is None:
        return None
    moments = moments_visible_to(user, Right.SEE).filter(video=video)
    title = gettext("The film “%(title)s”") % {"title": video.display_name}
    if video.concert is not None:
        title = gettext("The film of %(concert)s") % {"concert": video.concert.name}
    page, link = reverse("moments:video", args=[video.pk]), gettext("Look at the film")
    return _found(video, title, gettext("A film"), moments, (page, link))


def _in_session(user: Asker, session_id: UUID) -> Found | None:
    visible = sessions_told_to(user).select_related("concert")
    session = visible.filter(pk=session_id).first()
    if session is None:
        return None
    moments = moments_visible_to(user, Right.SEE).filter(session=session)
    title = gettext("The live session “%(title)s”") % {"title": session.title}
    if session.concert is not None:
        title = gettext("The live session of %(concert)s") % {"concert": session.concert.name}
    page = f"{reverse('moments:list')}?session={session.pk}"
    link = gettext("Look at the moments")
    return _found(session, title, gettext("A live session"), moments, (page, link))


_KINDS: dict[str, Callable[[Asker, UUID], Found | None]] = {
    "video": _in_video,
    "session": _in_session,
}


def _found(
    thing: Video | LiveSession,
    title: str,
    untitled: str,
    moments: QuerySet[Moment],
    way: tuple[str, str],
) -> Found:
    if thing.concert_id is not None:
        way = reverse("moments:night", args=[thing.concert_id]), gettext("Look at the night")
    plain = moments.order_by()
    stars = plain.exclude(people=None).values_list("people", "people__name")
    by_count = stars.annotate(caught=Count("pk")).order_by("-caught", "people__name")
    names = [name for _, name, _ in by_count]
    return Found(title, untitled, plain.count(), names, *way)


def _sentence(what: str, moments: int, whose: str) -> str:
    if not moments:
        return gettext("%(what)s: no moment was found.") % {"what": what}
    caught = ngettext("%(number)s moment", "%(number)s moments", moments) % {"number": moments}
    if not whose:
        return gettext("%(what)s: %(moments)s.") % {"what": what, "moments": caught}
    words = {"what": what, "moments": caught, "stars": whose}
    return gettext("%(what)s: %(moments)s of %(stars)s.") % words


def _many(stars: int) -> str:
    return ngettext("%(count)s star", "%(count)s stars", stars) % {"count": stars} if stars else ""


def _listed(names: list[str]) -> str:
    shown, more = ", ".join(names[:MOST_NAMES]), len(names) - MOST_NAMES
    if more <= 0:
        return shown
    words = {"names": shown, "count": more}
    return ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more) % words
