"""Where a film was taken, taken out of its file in place, however large that is."""

import mmap
from pathlib import Path
from typing import Any

from inference.errors import VideoError
from inference.places.blanking import UnreadableError
from inference.places.films.matroska import blank_matroska
from inference.places.films.mp4 import blank_film
from inference.video.headers import demuxer_of

PACKED = (
    "The parts of this video cannot be told apart, so nobody can say whether one of them says "
    "where it was filmed. Save it anew and upload that."
)


class _MappedFilm(mmap.mmap):
    """A film on the disk that notices whether it was changed."""

    has_changed = False

    def __setitem__(self, *what: Any) -> None:
        self.has_changed = True
        super().__setitem__(*what)


def blank_places(path: Path) -> bool:
    """Blank whatever says where a film was taken; doing it twice, or half, does no harm.

    Returns:
        Whether anything was changed. The file is as long as before and synced.

    Raises:
        VideoError: It is no MP4, MOV or WebM, or its parts cannot be told apart.
    """
    blank = blank_matroska if demuxer_of(path) == "matroska" else blank_film
    with path.open("r+b") as file, _MappedFilm(file.fileno(), 0) as film:
        try:
            blank(film)
        except UnreadableError as error:
            raise VideoError(PACKED) from error
        film.flush()
        return film.has_changed
