"""The bounds behind an alarm: they hold where the truth is known, and they are not so wide as to be useless."""

import math

import numpy as np
import pytest

from nb_mlops.core import statistics as tests_of
from nb_mlops.core.errors import BadInput
from nb_mlops.core.spending import alpha_of_look


def test_the_two_sample_tail_is_that_of_the_sum_it_stands_for():
    rng = np.random.default_rng(0)
    n, m, draws = 50, 200, 2_000_000
    x = np.sqrt(-np.log(np.minimum(rng.random(draws), 0.5)) / (2 * n))
    y = np.sqrt(-np.log(np.minimum(rng.random(draws), 0.5)) / (2 * m))
    for excess in (0.2, 0.25, 0.3):
        bound = tests_of._two_sample_tail(excess, n, m)
        error = 5 * math.sqrt(bound / draws)
        assert (x + y >= excess).mean() == pytest.approx(bound, abs=error)


@pytest.mark.parametrize(("n", "m"), [(20, 20), (50, 500), (3, 1000)])
def test_ks_false_alarms_stay_below_alpha_at_the_floor(n, m):
    # the worst the null allows: a true distance of exactly the floor
    rng, floor, alpha, repeats = np.random.default_rng(1), 0.1, 0.05, 2_000
    alarms = 0
    for _ in range(repeats):
        a, b = rng.random(n), rng.random(m)
        b = np.where(rng.random(m) < floor, b + 1, b)
        both = np.sort(np.concatenate([a, b]))
        distance = np.abs(
            np.searchsorted(np.sort(a), both, "right") / n - np.searchsorted(np.sort(b), both, "right") / m
        )
        alarms += tests_of.ks_p_value(distance.max(), n, m, floor=floor) <= alpha
    assert alarms / repeats <= alpha


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5, 0.9])
@pytest.mark.parametrize(("n", "m"), [(30, 30), (10, 3000), (3000, 10)])
def test_share_false_alarms_stay_below_alpha_at_the_floor(share, n, m):
    rng, floor, alpha, repeats = np.random.default_rng(2), 0.05, 0.05, 4_000
    before, now = rng.binomial(n, share, repeats), rng.binomial(m, share + floor, repeats)
    p_values = tests_of.share_p_values(before, n, now, m, floor=floor)
    assert (p_values <= alpha).mean() <= alpha


def test_share_p_values_are_the_least_over_the_null():
    # against a plain search over all true shares that the null allows
    p = np.linspace(1e-6, 0.98 - 1e-6, 200_001)
    a, n, b, m, floor = 0.05, 1000, 0.11, 800, 0.02
    q = p + floor
    kl = lambda x, y: x * np.log(x / y) + (1 - x) * np.log((1 - x) / (1 - y))  # noqa: E731
    z = np.where(p >= a, n * kl(a, p), 0) + np.where(q <= b, m * kl(b, q), 0)
    expected = 2 * (1 + z.min()) * np.exp(-z.min())
    assert tests_of.share_p_value(50, n, 88, m, floor=floor) == pytest.approx(expected, rel=1e-4)


def test_rising_and_falling_shares_are_judged_alike():
    up = tests_of.share_p_value(10, 1000, 100, 900, floor=0.02)
    assert up == pytest.approx(tests_of.share_p_value(100, 900, 10, 1000, floor=0.02))
    assert tests_of.share_p_value(990, 1000, 800, 900, floor=0.02) == pytest.approx(up)


def test_total_variation_needs_more_with_more_categories():
    few = tests_of.total_variation_p_value(0.3, 500, 500, 5, floor=0.02)
    assert few < tests_of.total_variation_p_value(0.3, 500, 500, 100, floor=0.02)


def test_extreme_counts_give_numbers_and_no_warning():
    for before, n, now, m in [(0, 1, 1, 1), (0, 10**9, 10**9, 10**9), (1, 1, 0, 10**12), (0, 5, 0, 5)]:
        assert 0 <= tests_of.share_p_value(before, n, now, m, floor=0.02) <= 1
    assert tests_of.ks_p_value(1.0, 10**12, 10**12, floor=0.0) < 1e-290
    assert tests_of.ks_p_value(1.0, 1, 1, floor=0.02) == 1


def test_distances_lose_what_chance_alone_gives():
    rng = np.random.default_rng(3)
    shares = np.full(100, 0.01)
    raw, told = [], []
    for _ in range(50):
        before, now = rng.multinomial(1000, shares), rng.multinomial(500, shares)
        raw.append(tests_of.total_variation(before, now))
        told.append(tests_of.beyond_chance(raw[-1], tests_of.total_variation_noise(before, now)))
    assert np.mean(raw) > 0.18
    assert np.mean(told) < 0.05


def test_holm_is_as_in_his_paper():
    adjusted = tests_of.holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_smallest_seen_is_where_the_alarm_starts():
    seen = tests_of.smallest_seen(5000, 1000, 1e-4, floor=0.02)
    assert tests_of.ks_p_value(seen + 1e-6, 5000, 1000, floor=0.02) <= 1e-4
    assert tests_of.ks_p_value(seen - 1e-6, 5000, 1000, floor=0.02) > 1e-4
    assert tests_of.smallest_seen(3, 3, 1e-4, floor=0.02) == 1


def test_all_looks_together_spend_no_more_than_the_budget():
    assert sum(alpha_of_look(k) for k in range(1, 100_000)) <= 0.05
    assert alpha_of_look(1) <= 0.01
    assert alpha_of_look(365) > 1e-4


@pytest.mark.parametrize(("k", "budget"), [(0, 0.05), (-1, 0.05), (1.5, 0.05), (True, 0.05), (1, 0.0), (1, 1.0)])
def test_a_look_or_budget_that_cannot_be_is_refused(k, budget):
    with pytest.raises(BadInput):
        alpha_of_look(k, budget)
