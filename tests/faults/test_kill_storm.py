"""Every acknowledged upload is stored, analysed once and told once, whatever is killed."""

import os
import threading

import pytest

from tests.faults.storm import Listener, Storm, account
from tests.live import LiveEncore, wait_until

SOAK = os.environ.get("ENCORE_SOAK") == "1"
UPLOADS = int(os.environ.get("ENCORE_STORM_UPLOADS") or (300 if SOAK else 8))
VICTIMS = (
    ["default", "web", "vision-job", "supervisor", "web", "vision"]
    if SOAK
    else ["vision-job", "web", "supervisor", "default"]
)
SETTLE_SECONDS = 3600 if SOAK else 600
STAGES = ("ingest", "recognise", "emotions", "burst", "portrait")


def _is_settled(encore: LiveEncore) -> bool:
    sql = "SELECT COUNT(*) FROM core_job WHERE state IN ('pending', 'running')"
    (jobs,), (portraits,) = (
        encore.rows(sql)[0],
        encore.rows("SELECT COUNT(*) FROM core_job WHERE stage = 'portrait'")[0],
    )
    return bool(jobs == 0 and portraits == UPLOADS)


@pytest.mark.slow
# Connections to a killed server end without a proper close; that is what is tested here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(SETTLE_SECONDS + 600)
def test_nothing_acknowledged_is_lost_when_processes_are_killed(storm: Storm) -> None:
    encore = storm.encore
    client = storm.sign_in()
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    listener = Listener(encore, cookies)
    stop = threading.Event()
    threads = [
        threading.Thread(target=listener.listen),
        threading.Thread(target=storm.kill_at_random, args=(VICTIMS, stop)),
    ]
    for thread in threads:
        thread.start()
    try:
        storm.upload_all(client, UPLOADS)
        threads[1].join()
        wait_until(lambda: _is_settled(encore), SETTLE_SECONDS, "work is left")
        last = encore.rows("SELECT MAX(id) FROM core_event")[0][0]
        wait_until(lambda: listener.ids and listener.ids[-1] == last, 30, "events are missing")
    finally:
        stop.set()
        listener.stop.set()
        for thread in threads:
            thread.join()
        client.close()
    _assert_nothing_lost(storm, listener)


def _assert_nothing_lost(storm: Storm, listener: Listener) -> None:
    storm.let_an_hour_pass()
    left = account(storm.encore)
    print(f"recovered after {', '.join(f'{s:.1f} s' for s in storm.recoveries)}; {left['jobs']}")  # noqa: T201
    assert len(storm.acknowledged) == UPLOADS
    assert left["photos"] == storm.acknowledged
    assert left["files"] == storm.acknowledged
    assert left["states"] == {"ready": UPLOADS}
    assert left["jobs"] == {(stage, "done"): UPLOADS for stage in STAGES}
    assert left["ready_events"] == dict.fromkeys(storm.acknowledged, 1)
    assert left["without_outputs"] == []
    assert left["parts"] == []
    assert left["integrity"] == [("ok",)]
    assert len(storm.recoveries) == len(VICTIMS)
    assert max(storm.recoveries) <= 60
    told = [row[0] for row in storm.encore.rows("SELECT id FROM core_event ORDER BY id")]
    assert listener.ids == told
