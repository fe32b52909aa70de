"""No page reads a whole table, and no page asks more the more there is (see ``tests.load``)."""

import re

import pytest
from django.db import transaction

from tests.load.gallery_seed import MORE_QUERIES, MOST_QUERIES, every_page, seed
from tests.load.query_plans import queries_of, statements_of

pytestmark = pytest.mark.django_db

FEW, MANY = 210, 420
INDEXES = {
    "all photos": "photo_own_grid",
    "photos and moments": "photo_grid",
    "by date added": "photo_newest",
    "favourites": "photo_favourites",
    "the bin": "photo_bin",
    "a concert": "photo_concert_grid",
    "filter: loose": "photo_loose",
    "filter: person and emotion": "analysis_face_both_photo",
    "filter: an emotion": "analysis_face_emotion_photo",
    "search: happy>0.5": "analysis_face_emotion_photo",
    'search: "Person 0" happy>0.5': "analysis_face_both_photo",
    "search: unnamed": "analysis_face_unnamed",
    'search: "Group 0"': "analysis_face_of_photo",
    "about a search: happy": "photo_count",
    "a moment with a clip": "moments_reel_moment",
    "a person's page": "photo_count",
    "moments: a rare emotion": "moment_emotion",
    "moments: liked": "moment_liked",
    "the night of a concert": "moment_best",
    "moments: a rare star": "moments_moment USING INDEX sqlite_autoindex_moments_moment_1 (id=?)",
    "people": "SEARCH photos_photocount",
    "concerts": "SEARCH photos_photocount",
    "statistics of a person": "SEARCH analysis_statistics",
    "statistics of a concert": "SEARCH analysis_statistics",
}
"""Pages with the index that was made for each; the last four read what is kept."""
GROWING = (
    "photos_photo",
    "analysis_detectedface",
    "moments_moment",
    "moments_moment_people",
    "moments_momentframe",
    "moments_reel",
    "core_job",
)
"""Tables that have as many rows as there are photos, or more."""


def queries_by_page(photos: int) -> dict[str, int]:
    """Return how many statements each page of a library of so many photos needs."""
    with transaction.atomic():
        seed(photos)
        found = {page: len(statements_of(urls[0])) for page, urls in every_page().items()}
        transaction.set_rollback(True)
    return found


def test_a_page_asks_no_more_when_there_is_more() -> None:
    few, many = queries_by_page(FEW), queries_by_page(MANY)
    allowed = dict.fromkeys(many, MOST_QUERIES) | MORE_QUERIES
    assert {page: number for page, number in many.items() if number > allowed[page]} == {}
    # Of what is rare there is nothing to read along until there is some of it, and a moment asks
    # for more where a face has no name.
    uncommon = re.compile("rare|disgust|liked|^a moment")
    common = {page for page in many if not uncommon.search(page)}
    assert {page: many[page] for page in common} == {page: few[page] for page in common}


def test_every_page_finds_its_rows_by_the_index_that_was_made_for_it() -> None:
    seed(FEW)
    plans = {
        page: [line for _, plan in queries_of(urls[0]) for line in plan]
        for page, urls in every_page().items()
    }
    whole = re.compile(rf"^SCAN ({'|'.join(GROWING)})$")
    assert {(page, line) for page in plans for line in plans[page] if whole.match(line)} == set()
    summed = [line for line in plans["the bin"] if "photos_photo " in line]
    assert all("photo_bin" in line for line in summed), summed
    loose = [line for line in plans["concerts"] if "photo_loose" in line]
    assert loose == ["SEARCH photos_photo USING COVERING INDEX photo_loose (owner_id=?)"]
    unused = [
        page for page, index in INDEXES.items() if not any(index in line for line in plans[page])
    ]
    assert unused == []
