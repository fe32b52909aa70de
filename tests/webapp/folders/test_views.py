"""The page of watched folders."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from webapp.accounts.models import User
from webapp.folders import roots, services
from webapp.folders.models import WatchedFolder
from webapp.photos.models import Concert


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    root = tmp_path / "allowed"
    (root / "card" / "Seoul").mkdir(parents=True)
    settings.IMPORT_ROOTS = [root]
    return root


def add(client: Client, path: object, **fields: object) -> str:
    """Ask for a folder to be watched; returns the page that follows."""
    answer = client.post("/folders/", {"path": str(path), **fields}, follow=True)
    return answer.content.decode()


def test_the_owner_watches_a_folder_and_sees_how_it_is(
    root: Path, owner: User, as_owner: Client
) -> None:
    concert = Concert.objects.create(owner=owner, name="Seoul 2026")
    said = add(as_owner, root / "card", concert=concert.pk)

    assert "The folder is watched from now on." in said
    for words in (str(root / "card"), "Seoul 2026", "Looking", "not yet"):
        assert words in said


def test_a_folder_is_paused_goes_on_and_is_removed(root: Path, as_owner: Client) -> None:
    add(as_owner, root / "card")
    folder = WatchedFolder.objects.get()

    as_owner.post(f"/folders/{folder.pk}/pause/", {"paused": "true"})
    assert "Paused" in as_owner.get("/folders/").content.decode()
    as_owner.post(f"/folders/{folder.pk}/pause/", {"paused": "false"})
    assert "Paused" not in as_owner.get("/folders/").content.decode()
    as_owner.post(f"/folders/{folder.pk}/remove/")

    assert not WatchedFolder.objects.exists()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param("{root}/nothing", roots.NOT_THERE, id="nothing there"),
        pytest.param("{root}/../secret", roots.OUTSIDE, id="dots that lead out"),
        pytest.param("{root}/link", roots.OUTSIDE, id="a link that leads out"),
        pytest.param("{root}/link/inner", roots.OUTSIDE, id="below a link that leads out"),
        pytest.param("{root}2", roots.OUTSIDE, id="beside, with the same beginning"),
        pytest.param("{root}/circle", roots.NOT_THERE, id="a circle of links"),
        pytest.param("{root}/file.jpg", roots.NOT_THERE, id="a file"),
        pytest.param("/", roots.OUTSIDE, id="everything"),
        pytest.param("/nothing/at/all", roots.OUTSIDE, id="outside and not there"),
        pytest.param("card", roots.OUTSIDE, id="not the whole path"),
        pytest.param("{root}/data", roots.OWN_FILES, id="Encore's own files"),
        pytest.param("{root}/data/media", roots.OWN_FILES, id="in Encore's own files"),
        pytest.param("{root}", roots.OWN_FILES, id="around Encore's own files"),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(
    root: Path, path: str, words: str, as_owner: Client, settings: Any
) -> None:
    secret = root.parent / "secret"
    for folder in (secret / "inner", root.parent / "allowed2", root / "data" / "media"):
        folder.mkdir(parents=True)
    settings.DATA_DIR, settings.MEDIA_ROOT = root / "data", root / "data" / "media"
    (root / "link").symlink_to(secret)
    (root / "circle").symlink_to(root / "circle")
    (root / "file.jpg").touch()

    said = add(as_owner, path.format(root=root))

    assert words.replace("'", "&#x27;") in said
    assert not WatchedFolder.objects.exists()


def test_without_roots_the_page_says_what_to_set(as_owner: Client, settings: Any) -> None:
    settings.IMPORT_ROOTS = []
    said = as_owner.get("/folders/").content.decode()
    assert "ENCORE_IMPORT_ROOTS" in said
    assert 'action="/folders/"' not in said


def test_folders_are_suggested_but_neither_hidden_nor_linked_ones(
    root: Path, as_owner: Client
) -> None:
    (root / ".hidden").mkdir()
    (root / "link").symlink_to(root.parent)
    suggested = roots.suggestions()
    assert suggested == [str(root), str(root / "card"), str(root / "card" / "Seoul")]
    assert f'value="{root / "card"}"' in as_owner.get("/folders/").content.decode()


def test_a_concert_of_others_cannot_be_chosen(root: Path, stranger: User, as_owner: Client) -> None:
    concert = Concert.objects.create(owner=stranger, name="Busan")
    add(as_owner, root / "card", concert=concert.pk)
    assert not WatchedFolder.objects.exists()


def test_nobody_but_the_owner_may_see_or_use_the_page(
    root: Path, owner: User, as_member: Client
) -> None:
    folder = services.watch(owner, str(root / "card"), None)

    assert as_member.get("/folders/").status_code == 403
    assert as_member.post("/folders/", {"path": str(root)}).status_code == 403
    for action in ("look", "pause", "remove"):
        assert as_member.post(f"/folders/{folder.pk}/{action}/").status_code == 404
    assert "/folders/" not in as_member.get("/account/").content.decode()
    assert "/folders/" not in as_member.get("/upload/").content.decode()
    assert WatchedFolder.objects.get().is_paused is False


def test_another_owner_does_not_see_it_either(
    root: Path, owner: User, stranger: User, as_stranger: Client
) -> None:
    folder = services.watch(owner, str(root / "card"), None)
    User.objects.filter(pk=stranger.pk).update(is_staff=True)

    assert (
        str(root / "card" / "")
        not in as_stranger.get("/folders/").content.decode().split("watch-title")[0]
    )
    assert as_stranger.post(f"/folders/{folder.pk}/remove/").status_code == 404


def test_a_folder_that_is_watched_twice_is_one(root: Path, as_owner: Client) -> None:
    for _ in range(2):
        add(as_owner, root / "card")
    assert WatchedFolder.objects.count() == 1
