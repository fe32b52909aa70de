"""Cut-outs and photocards as downloads of a photo and of a moment's picture."""

from io import BytesIO

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.webapp.analysis.cast import HEIGHT, WIDTH, make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import Portrait
from webapp.photos.models import Concert, Photo
from webapp.photos.storage import files_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(owner: User) -> Photo:
    """A photo of two stars with a portrait, at a concert."""
    concert = Concert.objects.create(owner=owner, name="Seoul")
    made = make_photo(owner, concert=concert, display_name="stage.jpg")
    for place, name in ((1, "Lisa"), (3, "Rosé")):
        make_face(made, place, person=make_person(owner, name), named_by="user")
    Portrait.objects.create(photo=made, has_person=True, rendered_strength=0.5, model="m@1")
    files = files_of(made.pk)
    files.portrait.write_bytes(files.full.read_bytes())
    mask = Image.new("L", (WIDTH, HEIGHT))
    mask.paste(255, (100, 50, 400, 400))
    mask.save(files.alpha)
    return made


def card(client: Client, photo: Photo, **query: str) -> HttpResponse:
    response: HttpResponse = client.get(reverse("analysis:card", args=[photo.pk]), query)
    return response


def test_a_cut_out_is_sent_as_a_png_with_soft_alpha(as_owner: Client, photo: Photo) -> None:
    response = as_owner.get(reverse("analysis:cut-out", args=[photo.pk]))

    assert response["Content-Type"] == "image/png"
    assert 'filename="stage cut-out.png"' in response["Content-Disposition"]
    made = Image.open(BytesIO(response.getvalue()))
    assert (made.mode, made.size) == ("RGBA", (WIDTH, HEIGHT))
    assert made.getextrema()[3] == (0, 255)


def test_a_photo_without_a_mask_has_no_cut_out(as_owner: Client, owner: User) -> None:
    url = reverse("analysis:cut-out", args=[make_photo(owner).pk])

    assert as_owner.get(url).status_code == 404


@pytest.mark.parametrize("query", [{}, {"picture": "plain", "name": "1", "concert": "1"}])
def test_a_photocard_is_sent_at_its_size_in_print(
    as_owner: Client, photo: Photo, query: dict[str, str]
) -> None:
    response = card(as_owner, photo, **query)

    made = Image.open(BytesIO(response.content))
    assert (made.format, made.size, made.info["dpi"]) == ("JPEG", (638, 1016), (300, 300))
    assert 'filename="stage card.jpg"' in response["Content-Disposition"]


def test_a_card_may_be_about_one_of_them(as_owner: Client, photo: Photo) -> None:
    one, other = photo.faces.order_by("x1")

    cards = {card(as_owner, photo, face=str(face.pk), name="1").content for face in (one, other)}

    assert len(cards) == 2, "another name is on each"
    assert card(as_owner, photo, face="999999").status_code == 400


def test_what_is_written_on_a_card_is_the_users_choice(as_owner: Client, photo: Photo) -> None:
    made = {
        card(as_owner, photo, **query).content
        for query in ({}, {"name": "1"}, {"concert": "1"}, {"name": "1", "concert": "1"})
    }

    assert len(made) == 4


def test_keepsakes_of_somebody_elses_photo_are_not_there(as_owner: Client, stranger: User) -> None:
    theirs = make_photo(stranger)

    for name in ("card", "cut-out"):
        assert as_owner.get(reverse(f"analysis:{name}", args=[theirs.pk])).status_code == 404


def test_the_page_offers_both(as_owner: Client, photo: Photo) -> None:
    page = as_owner.get(reverse("analysis:photo", args=[photo.pk])).content.decode()

    assert reverse("analysis:cut-out", args=[photo.pk]) in page
    assert reverse("analysis:card", args=[photo.pk]) in page
