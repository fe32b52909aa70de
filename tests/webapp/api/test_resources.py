"""People, groups, faces, concerts, moments and jobs: what writes do, by the rules of pages."""

from django.test import Client

from tests.factories import make_job
from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo
from tests.webapp.moments.cast import make_moment
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.analysis.models import DetectedFace, Rejection
from webapp.moments.models import Moment
from webapp.people.models import Group, Person
from webapp.photos.models import Concert

JSON = "application/json"


def test_a_face_is_named_and_unnamed(owner: User, program: Client) -> None:
    give_consent(owner)
    face = make_face(make_photo(owner), 0, embedding(1))
    path = f"/api/v1/faces/{face.pk}/name"

    told = program.put(path, {"name": " Lisa ", "group": "BP"}, JSON).json()

    assert (told["person"]["name"], told["person"]["group"]) == ("Lisa", "BP")
    assert told["is_reference"]
    assert program.delete(path).status_code == 204
    face.refresh_from_db()
    assert face.person is None
    assert face.named_by == DetectedFace.NamedBy.USER


def test_a_name_that_will_not_do_is_refused_with_a_sentence(owner: User, program: Client) -> None:
    face = make_face(make_photo(owner), 0)
    answer = program.put(f"/api/v1/faces/{face.pk}/name", {"name": " "}, JSON)
    assert (answer.status_code, answer.json()["detail"]) == (400, "Please type a name.")


def test_a_face_is_said_not_to_be_somebody(owner: User, program: Client) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    face = make_face(make_photo(owner), 0, embedding(1), person=lisa, named_by="auto")
    body = {"person": str(lisa.pk)}
    assert program.post(f"/api/v1/faces/{face.pk}/rejections", body, JSON).status_code == 204
    assert Rejection.objects.filter(face=face, person=lisa).exists()


def test_people_are_found_renamed_and_forgotten(owner: User, program: Client) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    make_person(owner, "Rosé", axis=2)

    found = program.get("/api/v1/people", {"q": "rose"}).json()["items"]
    assert [one["name"] for one in found] == ["Rosé"]
    assert found[0]["reference_count"] == 1
    changed = program.patch(f"/api/v1/people/{lisa.pk}", {"group": "BP"}, JSON).json()
    assert (changed["name"], changed["group"]) == ("Lisa", "BP")
    told = program.patch(f"/api/v1/people/{lisa.pk}", {"aliases": ["리사", "Lalisa"]}, JSON).json()
    assert (told["name"], told["aliases"]) == ("Lisa", ["리사", "Lalisa"])
    found = program.get("/api/v1/people", {"q": "리사"}).json()["items"]
    assert [one["name"] for one in found] == ["Lisa"]
    assert program.delete(f"/api/v1/people/{lisa.pk}").status_code == 204
    assert list(Person.objects.values_list("name", flat=True)) == ["Rosé"]


def test_groups_are_renamed_and_removed(owner: User, program: Client) -> None:
    group = Group.objects.create(owner=owner, name="BP")
    path = f"/api/v1/groups/{group.pk}"
    assert program.patch(path, {"name": "Blackpink"}, JSON).json()["name"] == "Blackpink"
    assert program.delete(path).status_code == 204
    assert not Group.objects.exists()


def test_concerts_are_made_and_changed_by_the_rules_of_their_page(
    owner: User, program: Client
) -> None:
    body = {"name": "Seoul", "date": "2026-11-30", "time_zone": "Asia/Seoul"}
    made = program.post("/api/v1/concerts", body, JSON)
    assert made.status_code == 201
    path = f"/api/v1/concerts/{made.json()['id']}"

    assert program.post("/api/v1/concerts", body, JSON).status_code == 422
    changed = program.patch(path, {"venue": "Dome"}, JSON).json()
    assert (changed["name"], changed["venue"], changed["date"]) == ("Seoul", "Dome", "2026-11-30")
    assert program.patch(path, {"date": None}, JSON).json()["date"] is None
    assert program.patch(path, {"time_zone": "Mars"}, JSON).status_code == 422
    assert program.delete(path).status_code == 204
    assert not Concert.objects.exists()


def test_moments_are_listed_liked_and_deleted(owner: User, program: Client) -> None:
    moment = make_moment(owner)
    path = f"/api/v1/moments/{moment.pk}"

    assert program.put(f"{path}/like").status_code == 204
    liked = program.get("/api/v1/moments", {"show": "liked"}).json()["items"]
    assert [(one["id"], one["is_liked"]) for one in liked] == [(str(moment.pk), True)]
    assert program.delete(f"{path}/like").status_code == 204
    assert not program.get(path).json()["is_liked"]
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404
    assert Moment.objects.exclude(binned_at=None).exists()


def test_jobs_are_found_by_what_they_are_about(owner: User, program: Client) -> None:
    job, other = make_job(owner), make_job(owner)
    found = program.get("/api/v1/jobs", {"subject": str(job.subject_id)}).json()["items"]
    assert [one["id"] for one in found] == [job.pk]
    page = program.get("/api/v1/jobs", {"limit": "1"}).json()
    assert [one["id"] for one in page["items"]] == [other.pk]
    rest = program.get("/api/v1/jobs", {"limit": "1", "cursor": page["next_cursor"]}).json()
    assert [one["id"] for one in rest["items"]] == [job.pk]
