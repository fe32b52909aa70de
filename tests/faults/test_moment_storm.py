"""Every moment whose frames were acknowledged is ready once, whatever is killed meanwhile."""

import base64
import threading
from collections import Counter
from uuid import UUID

import pytest

from tests.faults.storm import Listener, Storm, account
from tests.live import LiveEncore, wait_until

MOMENTS, FRAMES = 4, 3
VICTIMS = ["web", "default", "supervisor", "web"]
SETTLE_SECONDS = 600


def _make_moments(encore: LiveEncore) -> list[str]:
    """Write moments as the engine's choices make them; returns their ids."""
    told = encore.python(
        "from webapp.accounts.models import User\n"
        "from webapp.accounts.services import give_consent\n"
        "from webapp.live.keeping import CameraTime, Filming\n"
        "from webapp.live.services import start_session\n"
        "from webapp.moments import capture\n"
        "from webapp.people.services import ensure_person\n"
        "owner = User.objects.get()\n"
        "give_consent(owner)\n"
        "star = ensure_person(owner.pk, 'Minji')\n"
        "session = start_session(owner.pk, 'Front row', None)\n"
        f"for key in range({MOMENTS}):\n"
        "    frames = [dict(frame=10 * key + n, captured_at=66.0 * n, score=0.9 - 0.1 * n,\n"
        "        terms={}, reason='', box=(0, 0, 9, 9), width=64, height=36)\n"
        f"        for n in range({FRAMES})]\n"
        "    chosen = dict(key=str(key), people=[dict(person=str(star.pk), name='Minji')],\n"
        "        frames=frames)\n"
        "    asked = capture.keep(Filming(owner.pk, session.pk), chosen, CameraTime(1e12))\n"
        "    print(asked['moment'])\n"
    )
    return told.split()


def _said(**pairs: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())


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
    moments = _make_moments(encore)
    storm.metadata = lambda number: _said(
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
