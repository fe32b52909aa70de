"""What was read of the stars all evening, for ``gallery_seed``."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webapp.people.models import Person
    from webapp.photos.models import Concert

STARS, SECONDS = 5, 3 * 3600


def seed_evening(concert: "Concert", people: "Sequence[Person]") -> None:
    """Make a session of three hours in which five stars were read all the time."""
    from django.utils import timezone

    from webapp.live.models import LiveSession
    from webapp.moments.models import EmotionSample

    chance = random.Random(3)  # noqa: S311 - data to measure with
    session = LiveSession.objects.create(
        owner=concert.owner,
        concert=concert,
        title="Row 4",
        state="ended",
        ended_at=timezone.now(),
    )
    EmotionSample.objects.bulk_create(
        (
            EmotionSample(
                owner=concert.owner,
                session=session,
                person=person,
                second=second,
                emotions={"happy": (share := round(chance.random(), 3)), "neutral": 1 - share},
                count=20,
            )
            for person in people[:STARS]
            for second in range(0, SECONDS, 5)
        ),
        batch_size=1000,
    )
