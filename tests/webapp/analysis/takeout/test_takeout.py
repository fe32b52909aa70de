"""Taking photos out: one ZIP with names, dates and folders."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import HEIGHT, WIDTH, make_face, make_person, make_photo
from tests.webapp.moments.cast import make_moment
from webapp.accounts.models import User
from webapp.analysis.takeout.archive import safe_name
from webapp.analysis.takeout.xmp import Facts, Region, sidecar
from webapp.core.web.zipping import Entry, EntryGoneError, length_of, stream, text_entry
from webapp.photos.models import Concert, Photo
from webapp.photos.storage import files_of

TAKEN = datetime(2026, 5, 17, 11, 30, tzinfo=UTC)
HASHED = {"picture_sha256": "f" * 64}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
MWG = "{http://www.metadataworkinggroup.com/schemas/regions/}"
AREA = "{http://ns.adobe.com/xmp/sType/Area#}"


def zip_of(response: object) -> zipfile.ZipFile:
    assert isinstance(response, StreamingHttpResponse), response
    content = b"".join(response)  # type: ignore[arg-type]
    assert len(content) == int(response.headers["Content-Length"])
    return zipfile.ZipFile(io.BytesIO(content))


@pytest.mark.django_db
def test_a_concert_is_taken_out_with_names_dates_and_folders(owner: User, as_owner: Client) -> None:
    fields = {"name": "Born/Pink", "date": date(2026, 5, 17), "time_zone": "Asia/Seoul"}
    concert = Concert.objects.create(owner=owner, **fields)
    photo = make_photo(owner, concert=concert, taken_at=TAKEN, display_name="a:b.jpg", **HASHED)
    make_face(photo, person=make_person(owner, "ROSÉ <3"))
    later = TAKEN + timedelta(minutes=1)
    make_photo(owner, concert=concert, taken_at=later, display_name="A:B.JPG", **HASHED)
    make_photo(owner, display_name="elsewhere.jpg", **HASHED)

    found = zip_of(as_owner.get(reverse("analysis:takeout-concert", args=[concert.pk])))

    folder = "2026-05-17 BornPink"
    assert sorted(found.namelist()) == sorted(
        [
            *(f"{folder}/ab.jpg", f"{folder}/ab.jpg.xmp"),
            *(f"{folder}/AB 2.jpg", f"{folder}/AB 2.jpg.xmp"),
        ]
    )
    assert found.testzip() is None
    info = found.getinfo(f"{folder}/ab.jpg")
    assert info.date_time == (2026, 5, 17, 20, 30, 0), "the clock of the place"
    assert int.from_bytes(info.extra[5:9], "little") == int(TAKEN.timestamp()), "and the instant"
    assert found.read(info) == files_of(photo.pk).original.read_bytes()
    assert "ROSÉ &lt;3" in found.read(f"{folder}/ab.jpg.xmp").decode()


def test_a_sidecar_names_each_face_where_it_is() -> None:
    region = Region('Lisa "M" <&>', (60.0, 100.0, 180.0, 200.0))
    facts = Facts(WIDTH, HEIGHT, [region], TAKEN, "Born & Pink", is_favourite=True)
    tree = ElementTree.fromstring(sidecar(facts))  # noqa: S314 - made here
    named = tree.find(f".//{RDF}li/{RDF}Description")
    assert named is not None
    assert named.get(f"{MWG}Name") == 'Lisa "M" <&>'
    area = named.find(f"{MWG}Area")
    assert area is not None
    place = [float(area.get(f"{AREA}{side}") or 0) for side in "xywh"]
    assert place == pytest.approx([0.2, 0.375, 0.2, 0.25], abs=1e-6), "centre and size"
    assert 'xmp:CreateDate="2026-05-17T11:30:00+00:00"' in sidecar(facts)
    assert "Born &amp; Pink" in sidecar(facts)


def test_a_sidecar_of_nobody_has_no_regions() -> None:
    text = sidecar(Facts(10, 10, []))
    assert "Regions" not in text
    ElementTree.fromstring(text)  # noqa: S314 - made here


@pytest.mark.django_db
def test_a_selection_is_taken_out_of_what_is_the_users(
    owner: User, stranger: User, as_owner: Client, as_stranger: Client
) -> None:
    mine, foreign = make_photo(owner, **HASHED), make_photo(stranger, **HASHED)
    url = reverse("analysis:takeout-selected")
    found = zip_of(as_owner.post(url, {"photos": f"{mine.pk},{foreign.pk}"}))
    assert len([name for name in found.namelist() if name.endswith(".jpg")]) == 1
    assert as_stranger.post(url, {"photos": str(mine.pk)}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "endings"),
    [
        pytest.param("originals", [".jpg"], id="originals"),
        pytest.param("portraits", [" portrait.jpg"], id="portraits"),
        pytest.param("both", [" portrait.jpg", ".jpg"], id="both"),
    ],
)
def test_what_is_taken_out_is_chosen(
    owner: User, as_owner: Client, what: str, endings: list[str]
) -> None:
    photo = make_photo(owner, display_name="x.jpg", **HASHED)
    files_of(photo.pk).portrait.write_bytes(b"portrait")
    url = reverse("analysis:takeout-selected")
    found = zip_of(as_owner.post(url, {"photos": str(photo.pk), "what": what}))
    names = [name for name in found.namelist() if not name.endswith(".xmp")]
    assert sorted(names) == sorted(f"no concert/x{ending}" for ending in endings)
    assert as_owner.post(url, {"photos": str(photo.pk), "what": "all"}).status_code == 400


@pytest.mark.django_db
def test_a_download_that_broke_off_goes_on(owner: User, as_owner: Client) -> None:
    person = make_person(owner, "Lisa")
    for _ in range(3):
        make_face(make_photo(owner, **HASHED), person=person)
    url = reverse("analysis:takeout-person", args=[person.pk])
    whole = as_owner.get(url)
    content = b"".join(whole)  # type: ignore[arg-type]
    rest = as_owner.get(url, headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]})
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(content) - 1}/{len(content)}"
    assert b"".join(rest) == content[1000:]  # type: ignore[arg-type]
    other = as_owner.get(url, headers={"Range": "bytes=1000-", "If-Range": '"other"'})
    assert other.status_code == 200


@pytest.mark.django_db
def test_what_cannot_be_read_is_named(owner: User, as_owner: Client) -> None:
    kept, gone = make_photo(owner, **HASHED), make_photo(owner, display_name="gone.jpg", **HASHED)
    files_of(gone.pk).original.unlink()
    fields = {"photos": f"{kept.pk},{gone.pk}"}
    found = zip_of(as_owner.post(reverse("analysis:takeout-selected"), fields))
    assert "gone.jpg" in found.read("left out.txt").decode()


@pytest.mark.django_db
def test_moments_are_taken_out_as_photos(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner, alternates=1)
    Photo.objects.update(**HASHED)
    url = reverse("moments:selected-download")
    found = zip_of(as_owner.post(url, {"moments": str(moment.pk)}))
    assert len(found.namelist()) == 2


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_the_length_of_a_zip_is_known_before(count: int) -> None:
    entries = [text_entry(f"fol der/ñ {one}.txt", "x" * one, TAKEN) for one in range(count)]
    content = b"".join(stream(entries))
    assert len(content) == length_of(entries)
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_the_length_of_a_zip_of_many_files_is_known_before() -> None:
    entries = [text_entry(str(one), "", TAKEN) for one in range(66_000)]
    assert sum(len(piece) for piece in stream(entries)) == length_of(entries)


def test_a_file_that_changes_while_it_is_sent_breaks_the_zip_off() -> None:
    with pytest.raises(EntryGoneError):
        list(stream([Entry("a", 5, TAKEN, lambda: iter((b"1234",)))]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("../../etc", "etc", id="a path"),
        pytest.param('a<b>:"|?*', "ab", id="signs that no system likes"),
        pytest.param(" . ", "photo", id="nothing that is left"),
        pytest.param("Séoul 서울", "Séoul 서울", id="letters of all scripts"),
    ],
)
def test_names_are_harmless_on_every_system(text: str, expected: str) -> None:
    assert safe_name(text, "photo") == expected
