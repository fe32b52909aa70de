"""A lease is short, and is renewed for as long as the stage runs."""

import time
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.factories import make_job
from tests.live import wait_until
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.jobs import leases
from webapp.core.models import Job

pytestmark = [pytest.mark.usefixtures("paint"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def claimed(owner: User) -> jobs.Claim:
    claim = jobs.claim(make_job(owner, "paint").pk)
    assert claim is not None
    return claim


def end_of_lease(claim: jobs.Claim) -> datetime:
    end = Job.objects.get(pk=claim.job_id).lease_expires_at
    assert end is not None
    return end


def nearly_end(claim: jobs.Claim) -> datetime:
    soon = timezone.now() + timedelta(seconds=1)
    Job.objects.filter(pk=claim.job_id).update(lease_expires_at=soon)
    return soon


def test_a_lease_is_over_within_a_minute_of_the_last_sign_of_life(claimed: jobs.Claim) -> None:
    assert end_of_lease(claimed) <= timezone.now() + timedelta(seconds=55)


def test_a_running_stage_keeps_its_lease(
    claimed: jobs.Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    soon = nearly_end(claimed)
    with leases.kept(claimed.job_id, claimed.token):
        wait_until(lambda: end_of_lease(claimed) > soon, 10, "the lease was not renewed")
    ended = nearly_end(claimed)
    time.sleep(0.3)
    assert end_of_lease(claimed) == ended, "renewed after the stage had ended"


def test_a_claim_that_was_lost_is_not_renewed(claimed: jobs.Claim, owner: User) -> None:
    make_job(owner, "paint", claimed.subject_id)
    assert not leases.renew(claimed.job_id, claimed.token)
    second = jobs.claim(claimed.job_id)
    assert second is not None
    soon = nearly_end(second)
    assert not leases.renew(claimed.job_id, claimed.token)
    assert end_of_lease(second) == soon
