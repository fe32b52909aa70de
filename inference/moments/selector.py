"""Which of many scored frames is kept: the best instant of each star, and few of them.

All decisions are made in the time of the camera. A frame may arrive late, and frames may arrive in
any order, as long as they come before the selector is told that their window has passed
(``advance``). A choice is made as soon as it can be, 1.5 s after the peak, because whoever films
keeps frames for 3 s only. What a decision sees ends there too, so that a recording read in one go
gives the same moments as a camera.
"""

from collections.abc import Mapping, Sequence
from statistics import median

from inference.moments.candidates import Candidate, ChosenMoment, EarlierMoment, StarKey
from inference.moments.groups import group_frames
from inference.moments.kept import KeptMoment, KeptMoments
from inference.moments.peaks import peak_time
from inference.moments.taste import Taste

WINDOW_SECONDS = 1.5
"""A peak is the best frame from so long before to so long after it."""

TOGETHER_SECONDS = 0.5
"""Stars whose peaks lie so near to each other peak together."""

MIN_SCORE = 0.45
"""Below this an instant is kept for nobody."""

PROMINENCE = 0.03
"""How far a peak lies above the median of its window. Less is only the noise of a calm face."""

_FEW_FRAMES = 6

CALM_SECONDS = 12.0
"""A calm face is kept all the same when its star has had no moment for so long."""

FIRST_SECONDS = 6.0
"""A star's first moment waits only so long: short clips shall not end without one."""

MAX_ALTERNATES = 4
ALTERNATE_SECONDS = 0.15
"""Between two frames of one moment; nearer ones show the same."""

_ABOUT_AS_GOOD = 0.02
"""Scores nearer to each other say little about which instant is better."""

FAVOURITE_QUOTA = 2
FAVOURITE_BONUS = 0.05

_MOST_STARS = 1000
"""Remembered at a time, the newest; strangers come and go."""

Faces = Mapping[StarKey, Sequence[Candidate]]
"""The scored faces of each star, in any order."""


class Selector:
    """Chooses the moments of one camera.

    Args:
        taste: What is wanted; may be replaced at any time.
        same_person: Cosine similarity from which two faces without a name show the same person.
    """

    def __init__(self, taste: Taste, same_person: float = 0.5) -> None:
        self.taste = taste
        self._waiting: list[Candidate] = []
        self._kept = KeptMoments(same_person)
        self._first: dict[StarKey, float] = {}
        self._now = float("-inf")

    def add(self, candidate: Candidate) -> None:
        """Take a scored face; one whose window has passed already is too late and ignored."""
        if candidate.time + WINDOW_SECONDS > self._now:
            self._waiting.append(candidate)

    def advance(self, now: float) -> list[ChosenMoment]:
        """Tell that all frames up to a time were added; returns what is decided by that.

        Args:
            now: Seconds of the camera. Earlier than before changes nothing.
        """
        if now <= self._now:
            return []
        closing = [one for one in self._waiting if self._now < one.time + WINDOW_SECONDS <= now]
        # Most frames close no window, so the sorting by star can wait for one that does.
        faces = by_star(self._waiting) if closing else {}
        self._note_first(faces)
        owner = {id(face): star for star, mine in faces.items() for face in mine}
        # Not as they came: the same frames give the same moments, live and out of a file.
        closing.sort(key=lambda one: (one.time, owner[id(one)]))
        moments = [self._decide(one, owner[id(one)], faces) for one in closing]
        self._now = now
        # Who closes next looks a window back, and beside it a star who peaked a little earlier too.
        oldest = now - 2 * WINDOW_SECONDS - TOGETHER_SECONDS
        self._waiting = [one for one in self._waiting if one.time > oldest]
        self._kept.forget(now)
        return [moment for moment in moments if moment is not None]

    def remember(self, earlier: EarlierMoment) -> None:
        """Keep later moments apart from one that was chosen before this selector began."""
        star = StarKey(is_named=True, id=earlier.person)
        kept = KeptMoment(earlier.time, earlier.score, earlier.emotion, earlier.signature)
        self._kept.add(star, kept)

    def flush(self) -> list[ChosenMoment]:
        """Decide about everything that waits: the recording has ended.

        Should it go on after all, later moments keep their distance and their share as ever.
        """
        newest = max((one.time for one in self._waiting), default=float("-inf"))
        return self.advance(newest + WINDOW_SECONDS)

    def _decide(self, face: Candidate, star: StarKey, faces: Faces) -> ChosenMoment | None:
        """Make a moment of a face whose window has closed, if it is a peak and welcome."""
        seen = {
            key: [one for one in mine if one.time <= face.time + WINDOW_SECONDS]
            for key, mine in faces.items()
        }
        if not self._is_moment(face, star, seen[star]):
            return None
        return self._group(face, star, seen) or self._solo(face, star, seen[star])

    def _solo(self, face: Candidate, star: StarKey, mine: Sequence[Candidate]) -> ChosenMoment:
        self._kept.add(star, KeptMoment.of(face))
        named = next((one.star for one in [face, *mine] if one.star is not None), None)
        around = [one for one in mine if abs(one.time - face.time) <= WINDOW_SECONDS]
        stars = (named,) if named else ()
        return ChosenMoment(stars, with_alternates(face, around), peak_time(face, around))

    def _group(self, face: Candidate, star: StarKey, seen: Faces) -> ChosenMoment | None:
        """Join the stars who peak with this one; ``None`` if it peaks alone."""
        if not star.is_named:
            return None
        peaks = {star: face}
        for key in sorted(seen):
            near = [
                one
                for one in seen[key]
                if key != star
                and key.is_named
                and abs(one.time - face.time) <= TOGETHER_SECONDS
                and self._is_moment(one, key, seen[key])
            ]
            if near:
                peaks[key] = near[0]
        frames = group_frames({key: seen[key] for key in peaks}, list(peaks.values()))
        frames = [
            frame
            for frame in frames
            if all(self._has_room(key, face) for key, face in frame.faces.items())
        ]
        if len(peaks) < 2 or not frames:
            return None
        best, *others = sorted(frames, key=lambda frame: rank(frame.whole))
        for key, member in best.faces.items():
            self._kept.add(key, KeptMoment.of(member))
        stars = [member.star for member in best.left_to_right() if member.star is not None]
        rest = [frame.whole for frame in others]
        chosen = with_alternates(best.whole, rest)
        return ChosenMoment(tuple(stars), chosen, peak_time(best.whole, rest))

    def _is_moment(self, face: Candidate, star: StarKey, mine: Sequence[Candidate]) -> bool:
        """Tell whether a face is the peak of its window, stands out there, and is welcome."""
        if not is_peak(face, mine) or not self._is_welcome(face, star):
            return False
        around = [one.score for one in mine if abs(one.time - face.time) <= WINDOW_SECONDS]
        return face.score - _usual(around) >= PROMINENCE or self._has_long_had_none(star, face)

    def _has_long_had_none(self, star: StarKey, face: Candidate) -> bool:
        """Tell whether a star in view has had no moment for so long that a calm one is welcome."""
        if earlier := self._kept.times(star, face):
            return face.time - max(earlier) >= CALM_SECONDS
        return face.time - self._first[star] >= FIRST_SECONDS

    def _is_welcome(self, face: Candidate, star: StarKey) -> bool:
        """Tell whether a peak is good, new and within its star's share."""
        is_somebody = star.is_named or face.is_supposed
        if not is_somebody and not self.taste.takes_anyone:
            return False
        score = face.score + FAVOURITE_BONUS * self._is_favourite(star)
        if score < MIN_SCORE or not self._has_room(star, face):
            return False
        # The second half of a minute's share is for better instants than the first half.
        earlier = [one.score for one in self._kept.last_minute(star, face)]
        is_scarce = 2 * len(earlier) >= self._quota(star) and len(earlier) > 1
        return not (
            is_scarce and score < median(earlier) - _ABOUT_AS_GOOD
        ) and not self._kept.is_known(star, face)

    def _note_first(self, faces: Faces) -> None:
        """Remember since when each star has been seen."""
        for star, mine in faces.items():
            first = min(one.time for one in mine)
            self._first[star] = min(self._first.get(star, first), first)
        while len(self._first) > _MOST_STARS:
            self._first.pop(next(iter(self._first)))

    def _has_room(self, star: StarKey, face: Candidate) -> bool:
        """Tell whether a moment then keeps the distance to the star's others, and the quota."""
        earlier = self._kept.last_minute(star, face)
        return len(earlier) < self._quota(star) and self._kept.is_apart(star, face)

    def _quota(self, star: StarKey) -> int:
        return self.taste.per_minute * (FAVOURITE_QUOTA if self._is_favourite(star) else 1)

    def _is_favourite(self, star: StarKey) -> bool:
        return star.is_named and star.id in self.taste.favourites


def by_star(faces: Sequence[Candidate]) -> dict[StarKey, list[Candidate]]:
    """Sort faces by who they are.

    A face that had no name yet belongs to whom its track was called nearest in time; a name may
    come half a second after the face.
    """
    named: dict[int, list[Candidate]] = {}
    for face in faces:
        if face.star is not None:
            named.setdefault(face.track, []).append(face)
    stars: dict[StarKey, list[Candidate]] = {}
    for face in faces:
        star = face.star
        if star is None and face.track in named:
            star = min(
                named[face.track], key=lambda one: (abs(one.time - face.time), one.time)
            ).star
        key = StarKey(star is not None, star.person if star else str(face.track))
        stars.setdefault(key, []).append(face)
    return stars


def rank(face: Candidate) -> tuple[float, float, int, int]:
    """Return what to sort faces by, best first; an earlier one is better than its equal."""
    return (-face.score, face.time, face.number, face.track)


def _usual(scores: Sequence[float]) -> float:
    """Return the middle of a window's scores; of few, the lower quarter.

    Where a slow line lets four frames through, a peak fills half of them.
    """
    ranked = sorted(scores)
    return median(ranked) if len(ranked) > _FEW_FRAMES else ranked[len(ranked) // 4]


def is_peak(face: Candidate, others: Sequence[Candidate]) -> bool:
    """Tell whether no face within the window is better."""
    mine = rank(face)
    return not any(
        abs(other.time - face.time) <= WINDOW_SECONDS and rank(other) < mine for other in others
    )


def with_alternates(best: Candidate, others: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the best frame and up to four others, best first and some time apart."""
    frames = [best]
    for other in sorted(others, key=rank):
        if len(frames) <= MAX_ALTERNATES and all(
            abs(other.time - frame.time) >= ALTERNATE_SECONDS for frame in frames
        ):
            frames.append(other)
    return tuple(frames)
