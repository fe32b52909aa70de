"""The numbers, of photos and faces that a test makes up."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from webapp.analysis.statistics.facts import MOST_PEOPLE, SeenFace, facts_of

START = datetime(2026, 5, 2, 11, 0, tzinfo=UTC)
JISOO, LISA, ROSE = (UUID(int=number) for number in (101, 102, 103))
PHOTOS = {UUID(int=number): START + timedelta(minutes=number) for number in range(4)}
ONE, TWO, THREE, EMPTY = PHOTOS


def test_photos_are_counted_also_without_faces() -> None:
    facts = facts_of(PHOTOS, [], "Asia/Seoul")
    assert (facts["photo_count"], facts["face_count"]) == (4, 0)
    assert (facts["times"][0], facts["photos"]) == ("2026-05-02T20:00", [1, 1, 1, 1])
    assert (facts["best"], facts["people"], facts["emotions"]) == ([], [], {})


def test_emotions_are_counted_when_they_were_read() -> None:
    faces = [
        SeenFace(ONE, JISOO, "happy", 0.5),
        SeenFace(ONE, None, "happy", 0.5),
        SeenFace(THREE, JISOO, "sad", 0.5),
        SeenFace(TWO, JISOO, "", 0.5),
    ]
    facts = facts_of(PHOTOS, faces, "UTC")
    assert facts["emotions"] == {"happy": [2, 0, 0, 0], "sad": [0, 0, 1, 0]}


def test_of_a_star_only_her_own_face_counts() -> None:
    faces = [SeenFace(ONE, JISOO, "happy", 0.2), SeenFace(ONE, LISA, "sad", 0.9)]
    facts = facts_of(PHOTOS, faces, "UTC", star=JISOO)
    assert facts["emotions"] == {"happy": [1, 0, 0, 0]}
    assert facts["qualities"] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert facts["people"] == [str(JISOO), str(LISA)]


def test_who_is_seen_with_whom_is_counted_by_photos() -> None:
    faces = [
        SeenFace(photo, person, "", 0.5)
        for photo, people in ((ONE, (JISOO, LISA)), (TWO, (JISOO, LISA, ROSE)), (THREE, (JISOO,)))
        for person in people
    ]
    twice = [*faces, SeenFace(ONE, JISOO, "", 0.5)]
    facts = facts_of(PHOTOS, twice, "UTC")
    assert facts["people"] == [str(JISOO), str(LISA), str(ROSE)]
    assert facts["together"] == [[3, 2, 1], [2, 2, 1], [1, 1, 1]]


def test_a_star_leads_even_where_others_are_seen_more_often() -> None:
    many = [SeenFace(ONE, UUID(int=200 + number), "", 0.5) for number in range(MOST_PEOPLE + 3)]
    facts = facts_of(PHOTOS, [SeenFace(TWO, JISOO, "", 0.5), *many], "UTC", star=JISOO)
    assert facts["people"][0] == str(JISOO)
    assert len(facts["people"]) == len(facts["together"]) == MOST_PEOPLE


def test_of_photos_within_seconds_only_the_best_is_among_the_best() -> None:
    photos = {
        UUID(int=1): START,
        UUID(int=2): START + timedelta(seconds=2),
        UUID(int=3): START + timedelta(minutes=1),
    }
    faces = [
        SeenFace(UUID(int=1), None, "", 0.8),
        SeenFace(UUID(int=2), None, "", 0.9),
        SeenFace(UUID(int=3), None, "", 0.3),
    ]
    assert facts_of(photos, faces, "UTC")["best"] == [str(UUID(int=2)), str(UUID(int=3))]


def test_the_best_quality_there_is_counts_in_the_last_tenth() -> None:
    facts = facts_of(PHOTOS, [SeenFace(ONE, None, "", 1.0)], "UTC")
    assert facts["qualities"][-1] == 1


def test_a_face_of_a_photo_that_only_just_came_is_passed_over() -> None:
    facts = facts_of(PHOTOS, [SeenFace(UUID(int=99), JISOO, "happy", 0.5)], "UTC")
    assert (facts["face_count"], facts["people"]) == (0, [])
