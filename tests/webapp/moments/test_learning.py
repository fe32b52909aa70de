"""A taste is learnt from likes and discards, and forgotten when the user says so."""

from collections.abc import Callable

import pytest

from tests.webapp.moments.cast import make_moment
from webapp.accounts.models import User
from webapp.core.models import Job
from webapp.moments import learning, services
from webapp.moments.models import Moment, MomentFrame, Taste


def judge(owner: User, likes: int, discards: int) -> list[Moment]:
    """Like what is sharp and discard what is not; returns the moments."""
    moments = []
    for number in range(likes + discards):
        moment = make_moment(owner, alternates=0)
        sharpness = 0.9 if number < likes else 0.1
        terms = {"sharpness": sharpness, "expression": 0.5}
        MomentFrame.objects.filter(moment=moment).update(terms=terms)
        act = services.like_moment if number < likes else services.discard_moment
        act(moment)
        moments.append(moment)
    return moments


def test_nothing_is_learnt_from_a_few(owner: User) -> None:
    judge(owner, 3, 3)
    assert not Job.objects.filter(stage=learning.STAGE).exists()


def test_what_the_liked_ones_have_in_common_weighs_more(
    owner: User, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from inference.moments.scoring import DEFAULT_WEIGHTS

    monkeypatch.setattr("webapp.moments.services._analyse", lambda _photo: None)
    judge(owner, 30, 25)
    run_jobs()
    taste = Taste.objects.get()
    assert taste.weights["sharpness"] > DEFAULT_WEIGHTS["sharpness"]
    assert taste.learnt_from == 55


def test_what_was_liked_and_then_discarded_counts_as_discarded(
    owner: User, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.moments.services._analyse", lambda _photo: None)
    rated: list[learning.Judged] = []
    monkeypatch.setattr(learning, "learn_weights", rated.extend)
    moments = judge(owner, 51, 0)
    services.discard_moment(moments[0])
    run_jobs()
    assert [one.is_liked for one in rated] == [False] + 50 * [True]


def test_a_reset_while_it_is_learnt_has_the_last_word(
    owner: User, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.moments.services._analyse", lambda _photo: None)
    judge(owner, 30, 25)
    learn = learning.learn_weights

    def reset_meanwhile(moments: list[learning.Judged]) -> object:
        services.reset_taste(owner)
        return learn(moments)

    monkeypatch.setattr(learning, "learn_weights", reset_meanwhile)
    run_jobs()
    assert Taste.objects.get().weights == {}
