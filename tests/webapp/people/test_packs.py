"""Star packs: what goes out, what is refused, what is said first, and what is taken in."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.factories import make_user
from tests.webapp.analysis.cast import EMBEDDER, embedding, make_person, make_reference
from webapp import vision
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.core.models import Job
from webapp.people import services
from webapp.people.models import Alias, Group, PendingPack, Person, Reference
from webapp.people.packs.form import digest_of
from webapp.people.packs.importing import keep_pack, plan_of, take_pack
from webapp.people.packs.pictures import NO_FACE, jpeg_size
from webapp.people.packs.reading import PackRefusedError, read_pack
from webapp.people.packs.writing import write_pack
from webapp.people.storage import crop_path, write_crop


@pytest.fixture(autouse=True)
def _recogniser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision, "present_embedder", lambda: EMBEDDER)


@pytest.fixture
def group(owner: User) -> Group:
    """Two stars, one with another name and two references of different eras."""
    group = Group.objects.create(
        owner=owner, name="Blackpink", colour="#ff5fa2", credits="the Seoul club"
    )
    lisa = make_person(owner, "Lisa", axis=1, group=group)
    lisa.references.update(era="Debut")
    make_reference(lisa, embedding(2), era="Tour")
    Alias.objects.create(owner=owner, person=lisa, name="리사")
    make_person(owner, "Rosé", axis=3, group=group)
    for reference in Reference.objects.all():
        write_crop(owner.pk, reference.pk, _jpeg(reference.pk.int % 200))
    return group


@pytest.fixture
def friend(db: None) -> User:
    friend = make_user("friend")
    give_consent(friend)
    return friend


def _jpeg(shade: int, side: int = 64) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), (shade, 10, 10)).save(file, "JPEG")
    return file.getvalue()


def _taken(user: User, content: bytes) -> Any:
    return take_pack(user.pk, keep_pack(user.pk, content).pk)


def _changed(content: bytes, change: Callable[[dict[str, Any]], None], **more: bytes) -> bytes:
    """Return a pack with another table, whose hash is right, and with more entries."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    table = json.loads(entries["pack.json"])
    change(table)
    table["content_sha256"] = digest_of(table)
    entries |= {"pack.json": json.dumps(table).encode(), **more}
    return _zip(entries)


def _zip(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, held in entries.items():
            made.writestr(name, held)
    return file.getvalue()


def test_a_group_arrives_as_it_was(group: Group, friend: User) -> None:
    _taken(friend, write_pack(group, with_faces=True))

    arrived = Group.objects.get(owner=friend)
    assert (arrived.name, arrived.colour, arrived.credits) == (
        *("Blackpink", "#ff5fa2"),
        "the Seoul club",
    )
    lisa = Person.objects.get(owner=friend, name="Lisa")
    assert [alias.name for alias in lisa.aliases.all()] == ["리사"]
    assert {(bytes(one.embedding), one.era) for one in lisa.references.all()} == {
        (embedding(1), "Debut"),
        (embedding(2), "Tour"),
    }
    for reference in Reference.objects.filter(owner=friend):
        assert jpeg_size(crop_path(friend.pk, reference.pk).read_bytes()) == (64, 64)
    assert Job.objects.filter(owner=friend, stage="rematch").exists()
    assert Reference.objects.filter(owner=group.owner).count() == 3, "nothing of theirs changes"


def test_a_pack_without_faces_shows_nobody(group: Group, friend: User) -> None:
    content = write_pack(group, with_faces=False)

    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        assert pack.namelist() == ["pack.json"]
    _taken(friend, content)
    for reference in Reference.objects.filter(owner=friend):
        assert crop_path(friend.pk, reference.pk).read_bytes() == NO_FACE


def test_the_same_group_makes_the_same_file(group: Group) -> None:
    assert write_pack(group, with_faces=True) == write_pack(group, with_faces=True)


def test_a_pack_holds_no_photo_and_no_id(group: Group) -> None:
    content = write_pack(group, with_faces=True)

    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        table = pack.read("pack.json").decode()
    assert str(group.pk) not in table
    assert "owner" not in table
    assert "photo" not in table


def test_taking_it_in_twice_changes_nothing_more(group: Group, friend: User) -> None:
    content = write_pack(group, with_faces=True)
    _taken(friend, content)

    again = plan_of(friend.pk, read_pack(content))

    assert not again.changes
    _taken(friend, content)
    assert Reference.objects.filter(owner=friend).count() == 3


def test_its_own_owner_gains_nothing_by_it(group: Group, owner: User) -> None:
    give_consent(owner)

    assert not plan_of(owner.pk, read_pack(write_pack(group, with_faces=True))).changes


def test_what_is_known_here_keeps_its_name_and_colour(group: Group, friend: User) -> None:
    own = Group.objects.create(owner=friend, name="BLACKPINK", colour="#000000")
    rose = make_person(friend, "Roseanne", group=own)
    Alias.objects.create(owner=friend, person=rose, name="Rosé")

    plan = _taken(friend, write_pack(group, with_faces=True))

    assert [one.known for one in plan.people] == [None, rose]
    own.refresh_from_db()
    assert (own.name, own.colour, own.credits) == ("BLACKPINK", "#000000", "the Seoul club")
    rose.refresh_from_db()
    assert (rose.name, rose.references.count()) == ("Roseanne", 1)


def test_another_name_that_is_somebody_elses_is_not_taken_over(group: Group, friend: User) -> None:
    make_person(friend, "리사")

    plan = _taken(friend, write_pack(group, with_faces=True))

    assert plan.people[0].aliases == []
    assert not Alias.objects.filter(owner=friend).exists()


def test_nobody_is_enrolled_without_consent(group: Group, friend: User) -> None:
    content = write_pack(group, with_faces=True)
    pending = keep_pack(friend.pk, content)
    friend.consent.delete()

    with pytest.raises(PackRefusedError, match="Agree"):
        keep_pack(friend.pk, content)
    with pytest.raises(PackRefusedError, match="agreed"):
        take_pack(friend.pk, pending.pk)
    assert not Person.objects.filter(owner=friend).exists()


def test_forgetting_all_faces_forgets_a_pack_that_waits(group: Group, friend: User) -> None:
    pending = keep_pack(friend.pk, write_pack(group, with_faces=True))

    services.forget_people(friend.pk)

    with pytest.raises(PendingPack.DoesNotExist):
        take_pack(friend.pk, pending.pk)


def test_faces_of_another_recogniser_are_learnt_anew_from_their_pictures(
    group: Group, friend: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write_pack(group, with_faces=True)
    monkeypatch.setattr(vision, "present_embedder", lambda: "encore-resnet@other")

    plan = _taken(friend, content)

    assert plan.foreign == 3
    assert Job.objects.filter(owner=friend, stage="references").exists()


def test_faces_of_another_recogniser_without_pictures_are_refused(
    group: Group, friend: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write_pack(group, with_faces=False)
    monkeypatch.setattr(vision, "present_embedder", lambda: "encore-resnet@other")

    with pytest.raises(PackRefusedError, match="another recogniser"):
        keep_pack(friend.pk, content)


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        for step in path[:-1]:
            table = table[step]
        table[path[-1]] = to

    return change


_REFERENCE = ("people", 0, "references", 0)
_NO_UNIT = base64.b64encode(b"\x00\x00\x00\x40" * 128).decode()
_NOT_FINITE = base64.b64encode(b"\x00\x00\xc0\x7f" * 128).decode()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_set("format", to="zip"), id="another format"),
        pytest.param(_set("version", to=2), id="another version"),
        pytest.param(_set("extra", to=1), id="something unknown"),
        pytest.param(_set("people", to=[]), id="nobody"),
        pytest.param(_set("people", 0, "name", to=""), id="no name"),
        pytest.param(_set("people", 0, "name", to="Li\u202esa"), id="a hidden letter"),
        pytest.param(_set("people", 0, "name", to="x" * 81), id="a long name"),
        pytest.param(_set("people", 0, "aliases", to=["a"] * 21), id="too many names"),
        pytest.param(_set("group", "colour", to="red"), id="no colour"),
        pytest.param(_set("group", "credits", to="x" * 301), id="long credits"),
        pytest.param(_set(*_REFERENCE, "embedding", to="?"), id="no Base64"),
        pytest.param(_set(*_REFERENCE, "embedding", to="AAAA"), id="no float32"),
        pytest.param(_set(*_REFERENCE, "embedding", to=_NO_UNIT), id="not of unit length"),
        pytest.param(_set(*_REFERENCE, "embedding", to=_NOT_FINITE), id="not finite"),
        pytest.param(_set(*_REFERENCE, "quality", to=2.0), id="too good"),
        pytest.param(_set(*_REFERENCE, "quality", to="1"), id="text for a number"),
        pytest.param(_set(*_REFERENCE, "source", to="../.."), id="no hash"),
        pytest.param(_set(*_REFERENCE, "face", to="0" * 64), id="a picture that lacks"),
        pytest.param(_set("spaces", to={}), id="no statistics"),
        pytest.param(_set("spaces", EMBEDDER, "dimensions", to=512), id="wrong statistics"),
        pytest.param(_set("spaces", EMBEDDER, "mean", to="?"), id="a mean that is no Base64"),
        pytest.param(_set("spaces", EMBEDDER, "mean", to="AAA="), id="a mean that is no float32"),
        pytest.param(_set("group", "credits", to="me\0"), id="credits that no database keeps"),
        pytest.param(_set(*_REFERENCE, "era", to="Debut\0"), id="an era that no database keeps"),
        pytest.param(_set("people", 1, "name", to="LISA"), id="two of one name"),
        pytest.param(_set("people", 1, "aliases", to=["lisa"]), id="another's name as an alias"),
    ],
)
def test_a_table_that_is_not_as_it_has_to_be_is_refused(
    change: Callable[[dict[str, Any]], None], group: Group, friend: User
) -> None:
    with pytest.raises(PackRefusedError):
        keep_pack(friend.pk, _changed(write_pack(group, with_faces=True), change))
    assert not PendingPack.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        *("../evil.jpg", "/etc/passwd", "faces/../../evil.jpg", "faces\\evil.jpg"),
        *("faces/", "faces/evil.jpg", "more.json", f"faces/{'0' * 64}.jpg"),
    ],
)
def test_an_entry_of_another_name_refuses_the_pack(name: str, group: Group, friend: User) -> None:
    content = write_pack(group, with_faces=True)

    with pytest.raises(PackRefusedError):
        keep_pack(friend.pk, _changed(content, lambda _: None, **{name: _jpeg(1)}))


def test_a_table_that_was_changed_is_noticed(group: Group, friend: User) -> None:
    with zipfile.ZipFile(io.BytesIO(write_pack(group, with_faces=False))) as pack:
        table = pack.read("pack.json").replace(b'"Lisa"', b'"Jisoo"')

    with pytest.raises(PackRefusedError, match="changed"):
        keep_pack(friend.pk, _zip({"pack.json": table}))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"PK\x03\x04 no zip", id="half a zip"),
        pytest.param(_zip({}), id="an empty zip"),
        pytest.param(_zip({"pack.json": b"[" * 100_000}), id="deep"),
        pytest.param(_zip({"pack.json": b"\xff"}), id="no text"),
        pytest.param(_zip({"pack.json": b"0" * 41_000_000}), id="a bomb"),
        pytest.param(_zip({f"faces/{n:064}.jpg": b"" for n in range(5_001)}), id="many"),
    ],
)
def test_what_is_no_pack_is_refused_with_a_sentence(content: bytes, friend: User) -> None:
    with pytest.raises(PackRefusedError, match="star pack"):
        keep_pack(friend.pk, content)


@pytest.mark.parametrize(
    ("header", "name_at"),
    [
        pytest.param(b"PK\x01\x02", 46, id="in the list"),
        pytest.param(b"PK\x03\x04", 30, id="at the file"),
    ],
)
def test_a_name_that_is_no_text_refuses_the_pack(header: bytes, name_at: int, friend: User) -> None:
    content = bytearray(_zip({"pack.json": b"{}"}))
    content[content.index(b"PK\x01\x02") + 9] |= 0x08  # Names are UTF-8, both places say.
    content[content.index(b"PK\x03\x04") + 7] |= 0x08
    content[content.index(header) + name_at] = 0xFF

    with pytest.raises(PackRefusedError, match="star pack"):
        keep_pack(friend.pk, bytes(content))


def test_bytes_that_point_before_the_file_refuse_the_pack(friend: User) -> None:
    content = bytearray(_zip({"pack.json": b"{}"}))
    end = content.index(b"PK\x05\x06")
    listed_at = int.from_bytes(content[end + 16 : end + 20], "little")
    content[end + 16 : end + 20] = (listed_at + 2**24).to_bytes(4, "little")

    with pytest.raises(PackRefusedError, match="star pack"):
        keep_pack(friend.pk, bytes(content))


def test_two_of_a_pack_who_are_one_person_here_leave_that_person_as_one(
    group: Group, friend: User
) -> None:
    own = Group.objects.create(owner=friend, name="Blackpink")
    lisa = make_person(friend, "Lisa", group=own)
    Alias.objects.create(owner=friend, person=lisa, name="Rosé")

    def share_a_source(table: dict[str, Any]) -> None:
        first, second = (person["references"][0] for person in table["people"])
        second["source"] = first["source"]

    _taken(friend, _changed(write_pack(group, with_faces=True), share_a_source))

    assert Person.objects.get(owner=friend) == lisa
    assert lisa.references.count() == 2, "only hers"


def test_a_large_group_goes_out_as_a_pack_that_can_be_taken_in(
    group: Group, friend: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.people.packs.reading.MOST_ENTRIES", 3)
    monkeypatch.setattr("webapp.people.packs.writing.MOST_ENTRIES", 3)

    _taken(friend, write_pack(group, with_faces=True))

    assert Reference.objects.filter(owner=friend).count() == 2, "the best of each"


@pytest.mark.parametrize(
    ("limit", "most", "words"),
    [
        pytest.param("MOST_PEOPLE", 1, "1 people at most", id="too many people"),
        pytest.param("MOST_BYTES", 100, "too large", id="too many bytes"),
    ],
)
def test_what_no_pack_can_hold_is_said_and_not_sent(
    limit: str,
    most: int,
    words: str,
    group: Group,
    as_owner: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"webapp.people.packs.writing.{limit}", most)

    answer = as_owner.get(reverse("people:pack-export", args=[group.pk]), follow=True)

    assert words in answer.content.decode()


def test_a_group_of_nobody_is_no_pack(group: Group, as_owner: Client) -> None:
    Person.objects.all().delete()

    answer = as_owner.get(reverse("people:pack-export", args=[group.pk]), follow=True)

    assert "Nobody is in this group yet." in answer.content.decode()


def test_a_size_that_lies_is_not_believed(group: Group, friend: User) -> None:
    content = bytearray(_zip({"pack.json": b" " * 100_000}))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")

    with pytest.raises(PackRefusedError):
        keep_pack(friend.pk, bytes(content))


def test_a_picture_that_is_none_or_huge_refuses_the_pack(group: Group, owner: User) -> None:
    assert jpeg_size(b"<svg onload=alert(1)>") is None
    assert jpeg_size(b"\xff\xd8\xff\xe0\x00\x02") is None
    assert jpeg_size(_jpeg(1, side=3)) == (3, 3)
    reference = Reference.objects.filter(owner=owner).first()
    assert reference is not None
    write_crop(owner.pk, reference.pk, _jpeg(1, side=2049))

    with pytest.raises(PackRefusedError, match="too large"):
        read_pack(write_pack(group, with_faces=True))


def test_embeddings_that_claim_another_size_than_the_recognisers_are_refused(
    group: Group, friend: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vision, "dimensions_of", lambda _: 512)

    with pytest.raises(PackRefusedError, match="recogniser it names"):
        keep_pack(friend.pk, write_pack(group, with_faces=True))


def test_the_pages_say_first_and_then_do(group: Group, friend: User, as_owner: Client) -> None:
    content = as_owner.get(reverse("people:pack-export", args=[group.pk]), {"faces": "1"})
    assert "Blackpink.starpack.zip" in content.headers["Content-Disposition"]
    browser = Client()
    browser.force_login(friend, backend="django.contrib.auth.backends.ModelBackend")
    file = io.BytesIO(b"".join(content))
    file.name = "blackpink.zip"

    said = browser.post(reverse("people:pack-bring"), {"pack": file}, follow=True)

    page = said.content.decode()
    assert "2 new people" in page
    assert "3 new faces" in page
    assert not Person.objects.filter(owner=friend).exists()
    [pending] = PendingPack.objects.all()
    assert as_owner.get(reverse("people:pack", args=[pending.pk])).status_code == 404
    browser.post(reverse("people:pack-take", args=[pending.pk]))
    assert Person.objects.filter(owner=friend).count() == 2
    assert not PendingPack.objects.exists()
    assert browser.post(reverse("people:pack-take", args=[pending.pk])).status_code == 404


def test_a_pack_is_left_without_a_trace(group: Group, friend: User) -> None:
    pending = keep_pack(friend.pk, write_pack(group, with_faces=True))
    browser = Client()
    browser.force_login(friend, backend="django.contrib.auth.backends.ModelBackend")

    browser.post(reverse("people:pack-leave", args=[pending.pk]))

    assert not PendingPack.objects.exists()
    assert not Group.objects.filter(owner=friend).exists()


def test_the_page_of_a_star_groups_references_by_era(group: Group, as_owner: Client) -> None:
    lisa = Person.objects.get(name="Lisa")
    make_reference(lisa, embedding(7))
    page = as_owner.get(reverse("analysis:person", args=[lisa.pk])).content.decode()

    assert page.index("Any time") < page.index(">Debut <") < page.index(">Tour <")

    reference = lisa.references.get(era="")
    as_owner.post(reverse("people:reference-era", args=[reference.pk]), {"era": " Tour  2026 "})
    reference.refresh_from_db()
    assert reference.era == "Tour 2026"


@pytest.mark.parametrize("wrong", [{"colour": "red"}, {"credits": "x" * 301}])
def test_colour_and_credits_have_a_form(
    wrong: dict[str, str], group: Group, as_owner: Client
) -> None:
    page = reverse("people:group-rename", args=[group.pk])
    answer = as_owner.post(page, {"name": "B", **wrong}, headers={"accept": "application/json"})

    assert answer.status_code == 400
    group.refresh_from_db()
    assert (group.name, group.colour) == ("Blackpink", "#ff5fa2")
