"""What a roster tells of how its people are compared."""

from uuid import UUID

from webapp.vision.engine.roster import Roster
from webapp.vision.models.loading import model_tag
from webapp.vision.values import LearntSpace

MINJI = UUID(int=1)


def test_a_roster_knows_the_space_that_its_people_taught_for_each_embedder() -> None:
    encore, dlib = (
        LearntSpace(model_tag(name), 0.4, b"") for name in ("encore-resnet", "dlib-resnet")
    )
    roster = Roster({MINJI: "Minji"}, (), (encore, dlib))
    assert roster.space_of(dlib.embedder) is dlib
    assert roster.space_of(encore.embedder) is encore
    assert Roster({}, ()).space_of(encore.embedder) is None


def test_a_space_of_a_model_that_is_not_in_use_any_more_is_passed_over() -> None:
    old = LearntSpace("encore-resnet@12345678", 0.4, b"")
    assert Roster({}, (), (old,)).space_of(old.embedder) is None
