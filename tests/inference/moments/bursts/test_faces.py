from inference.moments.bursts.faces import FollowedFace, MeasuredFace, follow_faces, main_faces
from tests.inference.moments.bursts.test_choosing import seen


def places(followed: list[FollowedFace]) -> list[list[int]]:
    return [sorted(one.faces) for one in followed]


def test_a_face_is_followed_by_its_place() -> None:
    photos = [[seen(left=100.0)], [seen(left=130.0)], [seen(left=160.0)]]
    assert places(follow_faces(photos)) == [[0, 1, 2]]


def test_a_face_elsewhere_is_another_face() -> None:
    photos = [[seen(left=100.0)], [seen(left=400.0)]]
    assert places(follow_faces(photos)) == [[0], [1]]


def test_a_name_is_followed_wherever_it_goes() -> None:
    photos = [[seen(left=100.0, person="a")], [seen(left=400.0, person="a")]]
    followed = follow_faces(photos)
    assert places(followed) == [[0, 1]]
    assert followed[0].person == "a"


def test_two_stars_who_change_places_are_not_confused() -> None:
    one, other = {"person": "a"}, {"person": "b"}
    photos: list[list[MeasuredFace]] = [
        [seen(left=100.0, **one), seen(left=200.0, **other)],  # type: ignore[arg-type]
        [seen(left=100.0, **other), seen(left=200.0, **one)],  # type: ignore[arg-type]
    ]
    followed = follow_faces(photos)
    assert [face.person for face in followed] == ["a", "b"]
    assert [face.faces[1].known.face.box[0] for face in followed] == [200.0, 100.0]


def test_a_name_that_one_photo_misses_is_kept() -> None:
    photos = [[seen(person="a")], [seen(left=110.0)], [seen(left=300.0, person="a")]]
    assert places(follow_faces(photos)) == [[0, 1, 2]]


def test_two_faces_of_one_photo_are_never_one() -> None:
    photos = [[seen(left=100.0)], [seen(left=105.0), seen(left=95.0)]]
    assert places(follow_faces(photos)) == [[0, 1], [1]]


def test_who_is_on_less_than_half_of_the_photos_passed_by() -> None:
    photos = [[seen(), seen(left=300.0)], [seen()], [seen()]]
    assert places(main_faces(follow_faces(photos), 3)) == [[0, 1, 2]]
