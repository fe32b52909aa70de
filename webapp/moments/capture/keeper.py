"""What the moments app does for the cameras of the live app (``webapp.live.keeping.Keeper``)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from webapp.accounts.queries import has_consent
from webapp.live.keeping import CameraTime, Filming, Kept
from webapp.live.messages import AskedFrame, Capture
from webapp.live.queries import followed_in
from webapp.moments.capture import asking as capture
from webapp.moments.capture import emotions
from webapp.moments.pages import showing
from webapp.moments.queries import taste_for_engine, taste_of
from webapp.moments.video import recording
from webapp.vision.engine.messages import MomentChosen, Taste
from webapp.vision.values import Sample


class MomentKeeper:
    """Keeps the moments of all cameras; holds nothing itself."""

    def taste(self, filming: Filming) -> Taste:
        """Return which moments are wanted; without consent only those of faces without a name.

        Where the camera follows a star, she alone is the favourite: another one with the same
        share would take instants that are hers.
        """
        taste = taste_of(filming.owner_id)
        is_wanted = taste.is_wanted and (taste.anyone or has_consent(filming.owner_id))
        wanted = taste_for_engine(taste, is_wanted=is_wanted)
        followed = followed_in(filming.session_id)
        return {**wanted, "favourites": [str(followed.pk)]} if followed else wanted

    def keep(self, filming: Filming, chosen: MomentChosen, time: CameraTime) -> Capture | None:
        """Write down a moment that the engine has chosen."""
        return capture.keep(filming, chosen, time)

    def press(
        self, filming: Filming, frames: Sequence[AskedFrame], time: CameraTime
    ) -> Capture | None:
        """Write down a moment that was chosen by hand."""
        return capture.press(filming, frames, time)

    def miss(self, filming: Filming, moment_id: UUID, frames: Sequence[int]) -> None:
        """Forget frames that the camera no longer has."""
        capture.miss(filming, moment_id, frames)

    def outstanding(self, filming: Filming) -> list[Capture]:
        """Return what the camera should be asked for again."""
        return capture.outstanding(filming)

    def note_emotions(self, filming: Filming, samples: Sequence[Sample]) -> None:
        """Store what the stars of a session expressed."""
        emotions.store_session_samples(filming.owner_id, filming.session_id, samples)

    def delete_recordings(self, session_id: UUID) -> None:
        """Delete what was recorded of a session, for good."""
        recording.delete_recordings(session_id)

    def kept(self, session_ids: Sequence[UUID]) -> Mapping[UUID, Kept]:
        """Return how many moments sessions gave, each with its best picture."""
        return showing.kept_of(session_ids)
