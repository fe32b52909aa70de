"""Reels: films of the best moments, and animations of one."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests import factories
from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.evening import NOON, make_bare_moment, paint
from webapp.accounts.models import User
from webapp.accounts.signals import faces_forgotten
from webapp.analysis.erasure import delete_person
from webapp.analysis.names.merging import merge_people
from webapp.core import jobs
from webapp.core.files import installation, orphans
from webapp.core.models import Event, Job
from webapp.moments.models import Moment, Reel
from webapp.moments.queries import moments_visible_to
from webapp.moments.reel import filming
from webapp.moments.reel import services as reels
from webapp.moments.services import delete_moment
from webapp.photos.models import Concert, Photo
from webapp.vision.films import making as films

REELS = "/moments/reels/"
ORDER = {"count": "10", "has_names": "on"}
RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


@pytest.fixture(autouse=True)
def _short_films(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "WIDE", (192, 128))
    monkeypatch.setattr(films, "SHOT_SECONDS", 0.4)
    monkeypatch.setattr(films, "FADE_SECONDS", 0.08)


def coloured(owner: User, minute: float, colour: tuple[int, int, int], **fields: object) -> Moment:
    moment = make_bare_moment(owner, minute, **fields)
    assert moment.photo is not None
    paint(moment.photo, colour)
    return moment


def order(client: Client, **fields: str) -> Reel:
    response = client.post(REELS, {**ORDER, **fields})
    assert response.status_code == 302, response.content
    return Reel.objects.latest("created_at")


def colours_of(path: Path) -> list[str]:
    """Return the colours of a film, in order and each once."""
    seen: list[str] = []
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            pixel = frame.to_image().resize((1, 1), box=(40, 10, 150, 60)).getpixel((0, 0))
            assert isinstance(pixel, tuple)
            name = ("red", "green", "blue")[max(range(3), key=lambda channel: pixel[channel])]
            if max(pixel) > 120 and (not seen or seen[-1] != name):
                seen.append(name)
    return seen


def test_a_film_shows_the_moments_in_the_order_of_the_evening(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    coloured(owner, 2, BLUE, score=0.9)
    coloured(owner, 0, RED, score=0.7)
    coloured(owner, 1, GREEN, score=0.8)

    reel = order(as_owner)
    run_jobs()

    reel.refresh_from_db()
    path = reels.file_of(reel)
    assert (reel.state, reel.progress, reel.bytes) == ("ready", 1.0, path.stat().st_size)
    assert colours_of(path) == ["red", "green", "blue"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_film_is_what_browsers_play_and_names_nothing_but_the_encoder(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    coloured(owner, 0, RED)
    reel = order(as_owner)
    run_jobs()

    with av.open(str(reels.file_of(reel))) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert float(stream.average_rate or 0) == films.FRAME_RATE
        assert set(film.metadata) <= {
            "major_brand",
            "minor_version",
            "compatible_brands",
            "encoder",
        }


def test_pages_hear_how_far_a_film_is_and_when_it_is_ready(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    for minute, colour in ((0, RED), (1, GREEN)):
        coloured(owner, minute, colour)

    reel = order(as_owner)
    run_jobs()

    told = Event.objects.filter(payload__reel=str(reel.pk)).order_by("pk")
    assert [(one.kind, one.payload.get("progress")) for one in told] == [
        ("reel_progress", 0.5),
        ("reel_progress", 1.0),
        ("reel_ready", None),
    ]


def test_the_best_are_the_liked_ones_and_then_those_of_the_highest_score(owner: User) -> None:
    for number, (score, liked_at) in enumerate(
        [(0.9, None), (0.2, NOON), (0.8, None), (0.1, None)]
    ):
        make_bare_moment(owner, number, key=str(number), score=score, liked_at=liked_at)

    best = reels.best_of(moments_visible_to(owner), 3)

    assert [moment.key for moment in best] == ["0", "1", "2"]


def test_a_frame_that_two_stars_share_is_shown_once(owner: User) -> None:
    one = make_bare_moment(owner, 0)
    make_bare_moment(owner, 0, photo=one.photo)

    assert len(reels.best_of(moments_visible_to(owner), 3)) == 1


def test_a_film_of_one_star_at_one_concert(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa")
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    wanted = make_bare_moment(owner, 0, lisa, concert=concert)
    make_bare_moment(owner, 1, lisa)
    make_bare_moment(owner, 2, concert=concert)

    reel = order(as_owner, person=str(lisa.pk), concert=str(concert.pk))

    assert [photo.pk for photo in reel.photos.all()] == [wanted.photo_id]
    assert (reel.title, list(reel.people.all())) == ("Lisa, Born Pink", [lisa])


def test_a_film_without_names_has_none_in_its_title(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa")
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    make_bare_moment(owner, 0, lisa, concert=concert)

    of_star = order(as_owner, person=str(lisa.pk), has_names="")
    of_both = order(as_owner, person=str(lisa.pk), concert=str(concert.pk), has_names="")

    assert (of_star.title, of_both.title) == ("Highlights", "Born Pink")


def test_who_is_named_after_the_order_is_not_written_into_the_film(
    owner: User, as_owner: Client, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rose")
    moment = make_bare_moment(owner, 0, lisa)
    order(as_owner)
    moment.people.add(rose)
    written: list[str] = []

    def note_names(path: Path, shots: list[films.Shot], tell: object) -> None:
        written.extend(one.name for one in shots)
        path.touch()

    monkeypatch.setattr(films, "encode_film", note_names)

    run_jobs()

    assert written == ["Lisa"]


def test_without_moments_no_film_is_ordered(as_owner: Client) -> None:
    response = as_owner.post(REELS, ORDER)

    assert response.status_code == 400
    assert "no moment to make a reel of" in response.content.decode()
    assert not Job.objects.exists()


def test_not_too_many_are_made_at_once(owner: User, as_owner: Client) -> None:
    make_bare_moment(owner)
    for _ in range(reels.MOST_WAITING):
        order(as_owner)

    response = as_owner.post(REELS, ORDER)

    assert response.status_code == 400
    assert "in the making" in response.content.decode()


def test_an_animation_plays_the_frames_forth_and_back(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    moment = make_moment(owner, alternates=7)
    colours = (RED, GREEN, BLUE, RED, GREEN, BLUE, RED, GREEN)
    for frame, colour in zip(moment.frames.all(), colours, strict=True):
        assert frame.photo is not None
        paint(frame.photo, colour)

    as_owner.post(reverse("moments:animate", args=[moment.pk]))
    run_jobs()

    reel = Reel.objects.get()
    response = as_owner.get(reverse("moments:reel-file", args=[reel.pk]))
    assert response.headers["Content-Type"] == "image/webp"
    with Image.open(reels.file_of(reel)) as animation:
        assert (animation.format, animation.n_frames) == ("WEBP", 14)  # type: ignore[attr-defined]
        brightest = []
        for number in range(14):
            animation.seek(number)
            pixel = animation.convert("RGB").getpixel((20, 20))
            assert isinstance(pixel, tuple)
            brightest.append(max(range(3), key=lambda channel: pixel[channel]))
    assert brightest == [0, 1, 2, 0, 1, 2, 0, 1, 0, 2, 1, 0, 2, 1]


def test_an_animation_is_called_by_whom_its_moment_shows_now(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    moment = make_moment(owner, alternates=7)
    lisa = make_person(owner, "Lisa")
    moment.people.set([lisa, make_person(owner, "Rose")])
    as_owner.post(reverse("moments:animate", args=[moment.pk]))
    run_jobs()
    url = reverse("moments:reel-file", args=[Reel.objects.get().pk])
    assert "Lisa &amp; Rose" in as_owner.get(REELS).content.decode()
    saved = as_owner.get(url, {"download": "1"})
    assert "Lisa & Rose.webp" in saved.headers["Content-Disposition"]

    delete_person(lisa)
    page = as_owner.get(REELS).content.decode()
    assert "Rose" in page
    assert "Lisa" not in page.partition("data-reels")[2].partition("order-title")[0]
    faces_forgotten.send(owner.pk)

    assert Reel.objects.get().title == "Moment"
    assert "Rose" not in as_owner.get(REELS).content.decode()
    saved = as_owner.get(url, {"download": "1"})
    assert "Moment.webp" in saved.headers["Content-Disposition"]


def test_an_animation_made_again_replaces_the_one_before(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner, alternates=7)
    for _ in range(2):
        as_owner.post(reverse("moments:animate", args=[moment.pk]))

    assert Reel.objects.count() == Job.objects.filter(stage="reel").count() == 1


def test_fewer_than_eight_frames_are_no_animation_and_none_is_offered(
    owner: User, as_owner: Client
) -> None:
    moment = make_moment(owner, alternates=6)
    page = reverse("moments:moment", args=[moment.pk])
    assert "Make an animation" not in as_owner.get(page).content.decode()
    enough = make_moment(owner, alternates=7)
    page = reverse("moments:moment", args=[enough.pk])
    assert "Make an animation" in as_owner.get(page).content.decode()

    response = as_owner.post(
        reverse("moments:animate", args=[moment.pk]), headers={"Accept": "application/json"}
    )

    assert response.status_code == 409
    assert "too few frames" in response.json()["error"]


@pytest.mark.parametrize("what", ["moment", "photo", "person", "faces"])
def test_what_is_deleted_leaves_the_films(
    owner: User, as_owner: Client, run_jobs: Callable[[], int], what: str
) -> None:
    lisa = make_person(owner, "Lisa")
    moment = coloured(owner, 0, RED)
    moment.people.set([lisa])
    coloured(owner, 1, GREEN)
    reel = order(as_owner)
    run_jobs()
    path = reels.file_of(reel)
    assert path.exists()
    assert reels.sweep() == 0

    if what == "moment":
        delete_moment(moment)
    elif what == "photo":
        Photo.objects.filter(pk=moment.photo_id).delete()
    elif what == "person":
        delete_person(lisa)
    else:
        faces_forgotten.send(owner.pk)
    reels.sweep()
    run_jobs()

    assert not Reel.objects.exists()
    assert not path.exists()
    assert not Event.objects.filter(payload__reel=str(reel.pk)).exists()


def test_films_outlive_a_merge_of_those_whom_they_name(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    lisa, manoban, rose = (make_person(owner, name) for name in ("Lisa", "Manoban", "Rose"))
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    coloured(owner, 0, RED).people.set([manoban, rose])
    coloured(owner, 1, GREEN, concert=concert).people.set([lisa, manoban])
    of_all = order(as_owner)
    of_both = order(as_owner, concert=str(concert.pk))
    run_jobs()

    merge_people(manoban, lisa)

    assert reels.sweep() == 0
    assert reels.file_of(of_all).exists()
    assert set(of_all.people.all()) == {lisa, rose}
    assert list(of_both.people.all()) == [lisa]
    delete_person(rose)
    reels.sweep()
    assert list(Reel.objects.all()) == [of_both]
    delete_person(lisa)
    reels.sweep()
    assert not Reel.objects.exists()


def test_a_film_without_names_outlives_a_forgotten_name(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa")
    make_bare_moment(owner, 0, lisa)
    reel = Reel.objects.get(pk=order(as_owner, has_names="").pk)
    assert not reel.has_names

    delete_person(lisa)
    reels.sweep()

    assert Reel.objects.exists()


def test_files_of_deleted_accounts_and_dead_workers_are_swept(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    coloured(owner, 0, RED)
    kept = reels.file_of(order(as_owner))
    run_jobs()
    orphan, young, old = (kept.with_name(name) for name in ("x.mp4", ".a.part", ".b.part"))
    for path in (orphan, young, old):
        path.write_bytes(b"x")
    factories.age(orphan)
    factories.age(old)

    installation.adopt()
    assert orphans.sweep() == 2
    assert set(kept.parent.iterdir()) == {kept, young}


def test_a_film_deleted_while_it_is_made_leaves_nothing(
    owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minute, colour in ((0, RED), (1, GREEN)):
        coloured(owner, minute, colour)
    reel = order(as_owner)
    claim = jobs.claim(Job.objects.get(stage="reel").pk)
    assert claim is not None
    encode = films.encode_film

    def delete_meanwhile(path: Path, *rest: object) -> None:
        reels.delete_reel(reel)
        encode(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(films, "encode_film", delete_meanwhile)

    with pytest.raises(jobs.LostClaimError):
        filming.make_reel(claim)
    assert list(reels.folder().iterdir()) == []


def test_a_picture_without_its_file_fails_in_words(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    make_bare_moment(owner)
    reel = order(as_owner)

    run_jobs()

    reel.refresh_from_db()
    assert reel.state == "failed"
    assert "not there any more" in reel.failure
    assert "not there any more" in as_owner.get(REELS).content.decode()


def test_the_file_is_shown_and_downloaded_once_it_is_there(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    coloured(owner, 0, RED)
    reel = order(as_owner)
    url = reverse("moments:reel-file", args=[reel.pk])
    assert as_owner.get(url).status_code == 404
    run_jobs()

    shown, saved = as_owner.get(url), as_owner.get(url, {"download": "1"})
    part = as_owner.get(url, headers={"Range": "bytes=0-99"})

    assert shown.headers["Content-Type"] == "video/mp4"
    assert shown.headers["Content-Disposition"] == "inline"
    assert saved.headers["Content-Disposition"] == 'attachment; filename="Highlights.mp4"'
    assert (part.status_code, part.content) == (206, shown.content[:100])


def test_a_reel_that_failed_is_made_anew_by_its_button(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    coloured(owner, 0, RED)
    reel = order(as_owner)
    reels.mark_failed(reel.pk, "The disk is full.")
    Job.objects.update(state=Job.State.FAILED)
    retry = reverse("moments:reel-retry", args=[reel.pk])
    assert f'action="{retry}"' in as_owner.get(REELS).content.decode()

    as_owner.post(retry)
    run_jobs()

    reel.refresh_from_db()
    assert (reel.state, reel.failure) == ("ready", "")
    assert f'action="{retry}"' not in as_owner.get(REELS).content.decode()


def test_a_reel_that_did_not_fail_is_not_made_again(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    coloured(owner, 0, RED)
    reel = order(as_owner)
    run_jobs()

    as_owner.post(reverse("moments:reel-retry", args=[reel.pk]))

    assert not Job.objects.filter(stage="reel", state=Job.State.PENDING).exists()
    reel.refresh_from_db()
    assert reel.state == "ready"


def test_deleting_a_reel(
    owner: User,
    as_owner: Client,
    run_jobs: Callable[[], int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    coloured(owner, 0, RED)
    reel = order(as_owner)
    run_jobs()
    path = reels.file_of(reel)

    with django_capture_on_commit_callbacks(execute=True):
        as_owner.post(reverse("moments:reel-delete", args=[reel.pk]))

    assert not path.exists()
    assert not Reel.objects.exists()
    assert Moment.objects.exists()


def test_many_reels_come_a_page_at_a_time(owner: User, as_owner: Client) -> None:
    many = reels.REELS_OF_A_PAGE + 3
    for number in range(many):
        Reel.objects.create(owner=owner, title=f"Night {number:02}", photo_count=1)

    first = as_owner.get(REELS)
    older = as_owner.get(REELS, {"cursor": first.context["next_cursor"]})

    titles = [reel.title for page in (first, older) for reel in page.context["reels"]]
    assert len(first.context["reels"]) == reels.REELS_OF_A_PAGE
    assert sorted(titles) == [f"Night {number:02}" for number in range(many)]
    assert "Older reels" in first.content.decode()
    assert "Older reels" not in older.content.decode()
    assert not older.context["form"].errors
    assert as_owner.get(REELS, {"cursor": "nonsense"}).status_code == 400
