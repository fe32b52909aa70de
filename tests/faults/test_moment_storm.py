"""Every moment whose frames were acknowledged is ready once, whatever is killed meanwhile."""

import threading
from collections import Counter
from uuid import UUID

import pytest

from tests.faults.moments import make_moments, said
from tests.faults.storm import Listener, Storm, account
from tests.live import LiveEncore, wait_until

MOMENTS, FRAMES = 4, 3
VICTIMS = ["web", "default", "supervisor", "web"]
SETTLE_SECONDS = 600


def _is_settled(encore: LiveEncore) -> bool:
    (open_jobs,) = encore.rows(
        "SELECT COUNT(*) FROM core_job WHERE state IN ('pending', 'running')"
    )[0]
    (ready,) = encore.rows("SELECT COUNT(*) FROM moments_moment WHERE state = 'ready'")[0]
    return bool(open_jobs == 0 and ready == MOMENTS)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(SETTLE_SECONDS + 300)
def test_moments_outlive_the_kill_of_every_process(storm: Storm) -> None:
    encore = storm.encore
    client = storm.sign_in()
    moments = make_moments(encore, MOMENTS, FRAMES)
    storm.metadata = lambda number: said(
        filename="a.jpg",
        moment=moments[number // FRAMES],
        frame=str(10 * (number // FRAMES) + number % FRAMES),
    )
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    listener, stop = Listener(encore, cookies), threading.Event()
    threads = [
        threading.Thread(target=listener.listen),
        threading.Thread(target=storm.kill_at_random, args=(VICTIMS, stop)),
    ]
    for thread in threads:
        thread.start()
    try:
        storm.upload_all(client, MOMENTS * FRAMES)
        threads[1].join()
        wait_until(lambda: _is_settled(encore), SETTLE_SECONDS, "moments are not ready")
        last = encore.rows("SELECT MAX(id) FROM core_event")[0][0]
        wait_until(lambda: listener.ids and listener.ids[-1] == last, 30, "events are missing")
    finally:
        stop.set()
        listener.stop.set()
        for thread in threads:
            thread.join()
        client.close()
    _assert_whole(storm, listener, moments)


def _assert_whole(storm: Storm, listener: Listener, moments: list[str]) -> None:
    storm.let_an_hour_pass()
    encore, left = storm.encore, account(storm.encore)
    assert left["photos"] == left["files"] == storm.acknowledged
    assert left["states"] == {"ready": MOMENTS * FRAMES}
    assert left["integrity"] == [("ok",)]
    assert (left["parts"], left["without_outputs"]) == ([], [])
    shelves = Counter(encore.rows("SELECT shelf FROM photos_photo"))
    assert shelves == {("moment",): MOMENTS, ("alternate",): MOMENTS * (FRAMES - 1)}
    assert left["jobs"]["portrait", "done"] == MOMENTS
    told = encore.rows(
        "SELECT json_extract(payload, '$.moment') FROM core_event WHERE kind = 'moment_ready'"
    )
    assert Counter(told) == {(moment,): 1 for moment in moments}
    linked = encore.rows(
        "SELECT moment_id, COUNT(photo_id), SUM(is_picked) FROM moments_momentframe "
        "GROUP BY moment_id"
    )
    assert {(str(UUID(one)), count, picked) for one, count, picked in linked} == {
        (moment, FRAMES, 1) for moment in moments
    }
    assert max(storm.recoveries) <= 60
    ids = [row[0] for row in encore.rows("SELECT id FROM core_event ORDER BY id")]
    assert listener.ids == ids
