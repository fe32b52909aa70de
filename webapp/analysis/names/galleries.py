"""The galleries that this process holds in memory, so that no photo waits for one to be loaded."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from webapp import vision
from webapp.people.gallery.changes import changes_between
from webapp.people.gallery.training import taught_opinions_of
from webapp.people.models import PeopleGallery
from webapp.people.queries import enrolled_of, learnt_spaces_of

MOST_ROWS = 200_000
"""References of all galleries that are held together, about 200 MB; one is held whatever its
size."""

UNUSED_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class HeldGallery:
    """A user's gallery as it was at some revision.

    Attributes:
        people: Ready to be searched.
        revision: Of the gallery (``PeopleGallery.revision``); 0 where there is none.
        generation: Likewise.
    """

    people: vision.LibraryGallery
    revision: int = 0
    generation: int = 0


class Galleries:
    """Galleries by owner. Safe to call from several threads.

    A gallery is loaded whole once. When its revision moves, only the people are loaded who changed,
    and what they were recognised by before is let go.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[PeopleGallery, HeldGallery] = OrderedDict()
        self._used_at: dict[PeopleGallery, float] = {}
        self._lock = threading.Lock()

    def of(self, owner_id: int) -> HeldGallery:
        """Return the gallery as it is now."""
        gallery = PeopleGallery.objects.filter(owner_id=owner_id).first()
        if gallery is None:
            return HeldGallery(vision.LibraryGallery(enrolled_of(owner_id)))
        with self._lock:
            self._used_at[gallery] = time.monotonic()
            held = self._current(gallery)
            self._drop_most_idle()
            return held

    def tidy(self) -> None:
        """Let go of references that were deleted, and of galleries that nobody asks for."""
        with self._lock:
            present = PeopleGallery.objects.in_bulk([one.pk for one in self._held])
            for held in list(self._held):
                gallery = present.get(held.pk)
                unused = time.monotonic() - self._used_at[held]
                if gallery is None or unused > UNUSED_SECONDS:
                    self._drop(held)
                else:
                    self._current(gallery)

    def _current(self, gallery: PeopleGallery) -> HeldGallery:
        held = self._held.get(gallery)
        if held is not None and held.generation != gallery.generation:
            del self._held[gallery]
            held = None
        if held is None or held.revision != gallery.revision:
            known = _loaded(gallery) if held is None else _brought_up(held, gallery)
            held = HeldGallery(known, gallery.revision, gallery.generation)
            self._held[gallery] = held
        self._held.move_to_end(gallery)
        return held

    def _drop_most_idle(self) -> None:
        while (
            len(self._held) > 1 and sum(one.people.size for one in self._held.values()) > MOST_ROWS
        ):
            self._drop(next(iter(self._held)))

    def _drop(self, gallery: PeopleGallery) -> None:
        del self._held[gallery], self._used_at[gallery]


def _loaded(gallery: PeopleGallery) -> vision.LibraryGallery:
    learnt = learnt_spaces_of(gallery.owner_id)
    return vision.LibraryGallery(
        enrolled_of(gallery.owner_id),
        vision.spaces_with(learnt),
        taught_opinions_of(gallery.owner_id),
    )


def _brought_up(held: HeldGallery, gallery: PeopleGallery) -> vision.LibraryGallery:
    """Return a held gallery with what has changed since."""
    changes = changes_between(gallery, held.revision, gallery.revision)
    if not changes.is_complete:
        return _loaded(gallery)
    if not changes.people:
        return held.people
    enrolled = enrolled_of(gallery.owner_id, changes.people)
    opinions = taught_opinions_of(gallery.owner_id)
    return held.people.with_people(enrolled, changes.people, opinions)


galleries = Galleries()
"""Those of this process."""
