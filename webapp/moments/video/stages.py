"""The stages of work that belong to videos: analysing a slice, and erasing a deleted one."""

from webapp.core import jobs
from webapp.moments.video import storage as video_storage
from webapp.moments.video.slices import analyse_next_slice


def analyse(claim: jobs.Claim) -> None:
    """Analyse the next slice of a video."""
    analyse_next_slice(claim)


def erase(claim: jobs.Claim) -> None:
    """Remove what is left of a deleted video."""
    video_storage.remove(claim.subject_id)
