"""What the viewer over the whole window is told of photos."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.test import Client

from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import Portrait
from webapp.analysis.views.viewer import EITHER_SIDE, MOST_VIEWED
from webapp.photos.models import Photo

VIEWED = "/photos/viewed/"


def ready(owner: User, **fields: Any) -> Photo:
    return make_photo(owner, with_files=False, width=400, height=200, **fields)


def test_a_photo_is_told_with_boxes_names_and_whether_it_has_a_portrait(
    owner: User, as_owner: Client
) -> None:
    photo = ready(owner, face_count=1, camera="Camera 7")
    face = make_face(photo, person=make_person(owner, "Lisa"))
    face.x1, face.y1, face.x2, face.y2 = 100, 50, 200, 150
    face.save()
    Portrait.objects.create(photo=photo, has_person=True, strength=0.5, rendered_strength=0.5)
    (told,) = as_owner.get(VIEWED, {"photos": str(photo.pk)}).json()["photos"]
    assert told["faces"] == [{"box": [0.25, 0.25, 0.5, 0.75], "name": "Lisa"}]
    assert told["has_portrait"]
    assert dict(told["facts"])["Stars"] == "Lisa (may be wrong)"
    assert dict(told["facts"])["Camera"] == "Camera 7"


def test_a_portrait_that_was_never_drawn_is_none(owner: User, as_owner: Client) -> None:
    photo = ready(owner)
    Portrait.objects.create(photo=photo, has_person=True, strength=0.5)
    (told,) = as_owner.get(VIEWED, {"photos": str(photo.pk)}).json()["photos"]
    assert not told["has_portrait"]


def test_nothing_is_told_of_others_photos(owner: User, as_stranger: Client) -> None:
    assert as_stranger.get(VIEWED, {"photos": str(ready(owner).pk)}).json() == {"photos": []}


def test_nonsense_and_too_many_are_refused_in_words(as_owner: Client) -> None:
    assert as_owner.get(VIEWED, {"photos": "1,2"}).status_code == 400
    many = ",".join(str(uuid4()) for _ in range(MOST_VIEWED + 1))
    assert as_owner.get(VIEWED, {"photos": many}).status_code == 400


def test_the_neighbours_come_in_the_order_of_the_grid_and_no_further(
    owner: User, as_owner: Client
) -> None:
    photos = [ready(owner) for _ in range(EITHER_SIDE + 5)]
    newest_first = [str(photo.pk) for photo in reversed(photos)]
    place = 2
    url = f"/photos/{newest_first[place]}/around/"
    told = as_owner.get(url).json()["photos"]
    assert [one["id"] for one in told] == newest_first[: place + EITHER_SIDE + 1]
    assert told[place]["href"] == f"/photos/{newest_first[place]}/"


def test_only_the_same_grid_is_walked(owner: User, as_owner: Client) -> None:
    loved, other = ready(owner, is_favourite=True), ready(owner)
    (one,) = as_owner.get(f"/photos/{loved.pk}/around/?show=favourites").json()["photos"]
    assert one["id"] == str(loved.pk) != str(other.pk)
    assert one["href"].endswith("?show=favourites")


def test_the_number_of_queries_does_not_grow_with_the_photos(
    owner: User, as_owner: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    ids = ",".join(str(ready(owner, face_count=0).pk) for _ in range(20))
    with django_assert_max_num_queries(8):
        as_owner.get(VIEWED, {"photos": ids})
