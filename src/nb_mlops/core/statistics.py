"""How surely two samples differ by more than a tolerated amount: p-values that hold at any size, far tails included.

Both samples are taken as samples (a baseline is never taken as the truth), and the question is never "is there any
difference" (with enough rows there always is) but "is it larger than the floor". No step is asymptotic: each p-value
is an upper bound on the chance of what was seen, whatever the distributions.

Each bound is made the same way. One sample alone has a known finite-sample tail (Massart's for distribution functions,
Chernoff's for shares); the two samples are independent, so the tail of both deviations together is that of a sum of
two independent variables with these tails, worked out exactly. That keeps the exponent of the best two-sample test and
loses only a small factor, where splitting the error between the samples would halve the exponent.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS = 48  # halvings: an interval of 1 shrinks to 4e-15


def ks_p_value(distance: float, n: int, m: int, *, floor: float) -> float:
    """The chance of a KS distance this large between samples of `n` and `m` values, if the true one is at most `floor`.

    The Dvoretzky-Kiefer-Wolfowitz inequality with Massart's one-sided constant (Massart 1990, theorem 1), for each
    sample, joined as said above; twice that for the two directions. Holds for discrete data and on a grid of cells too.
    """
    if not n or not m:
        return 1.0
    return min(1.0, 2 * _two_sample_tail(distance - floor, n, m))


def _two_sample_tail(excess: float, n: int, m: int) -> float:
    """P(X + Y >= excess) for independent X, Y with P(X >= t) = exp(-2 n t²) from t = sqrt(ln 2 / 2n) on, and 1 below.

    Closed form: completing the square leaves a Gaussian integral between the two starting points.
    """
    start_x, start_y = math.sqrt(math.log(2) / (2 * n)), math.sqrt(math.log(2) / (2 * m))
    if excess <= start_x + start_y:
        return 1.0
    both = n + m
    centre, sharp = m * excess / both, 2 * n * m / both * excess**2
    low, high = start_x, excess - start_y

    def primitive(t: float) -> float:
        gaussian = math.exp(-min(2 * both * (t - centre) ** 2, 700.0))
        return centre * math.sqrt(math.pi / (2 * both)) / 2 * math.erf(
            math.sqrt(2 * both) * (t - centre)
        ) - gaussian / (4 * both)

    inside = 4 * n * math.exp(-min(sharp, 700.0)) * max(primitive(high) - primitive(low), 0.0)
    x_at_start = 0.5 * math.exp(-min(2 * m * (excess - start_x) ** 2, 700.0))
    y_at_start = math.exp(-min(2 * n * high**2, 700.0))
    return min(1.0, x_at_start + inside + y_at_start)


def share_p_values(
    before: NDArray[np.int64], n: int, now: NDArray[np.int64], m: int, *, floor: float
) -> NDArray[np.float64]:
    """For each category: the chance of shares this far apart, if the true ones differ by at most `floor`.

    before, now: how often each was seen among `n` and `m` values. For a sample share a of true share p,
    n KL(a || p) in one direction is at most a standard exponential variable in distribution (Chernoff 1952,
    Hoeffding 1963), so that of both samples together at most a Gamma(2): P(sum >= z) <= (1 + z) exp(-z). The z used is
    the smallest over all pairs of true shares that the null allows, so the bound holds for each of them. Both
    directions are counted.
    """
    p_values = np.ones(len(before))
    if not n or not m:
        return p_values
    a, b = before / n, now / m
    beyond = np.flatnonzero(np.abs(a - b) > floor)  # the others are what the null allows, as they stand
    if not len(beyond):
        return p_values
    a, b = a[beyond], b[beyond]
    low_size, high_size = np.where(b >= a, n, m), np.where(b >= a, m, n)
    z = _least_surprise(np.minimum(a, b), low_size, np.maximum(a, b), high_size, floor)
    p_values[beyond] = np.minimum(1.0, 2 * (1 + z) * np.exp(-z))
    return p_values


def _least_surprise(
    low: NDArray[np.float64],
    low_size: NDArray[np.int64],
    high: NDArray[np.float64],
    high_size: NDArray[np.int64],
    floor: float,
) -> NDArray[np.float64]:
    """min over p of low_size KL(low || p) + high_size KL(high || p + floor), for p from `low` to `high` - floor.

    The sum is convex, so its slope has one zero between the ends: found by halving.
    """
    left, right = low.copy(), high - floor
    for _ in range(_STEPS):
        p = (left + right) / 2
        q = p + floor
        # slopes (p - low) / (p (1 - p)) and (q - high) / (q (1 - q)), without the divisions
        is_falling = low_size * (p - low) * q * (1 - q) < high_size * (high - q) * p * (1 - p)
        left, right = np.where(is_falling, p, left), np.where(is_falling, right, p)
    p = (left + right) / 2
    surprise: NDArray[np.float64] = low_size * _kl(low, p) + high_size * _kl(high, p + floor)
    return surprise


def _kl(sample: NDArray[np.float64], true: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kullback-Leibler divergence between coins of these shares; 0 log 0 is 0, and what cannot be is infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        heads = np.where(sample > 0, sample * np.log(sample / true), 0.0)
        tails = np.where(sample < 1, (1 - sample) * np.log((1 - sample) / (1 - true)), 0.0)
    divergence: NDArray[np.float64] = np.maximum(heads + tails, 0.0)
    return divergence


def total_variation_p_value(distance: float, n: int, m: int, categories: int, *, floor: float) -> float:
    """The chance of a total-variation distance this large over `categories`, if the true one is at most `floor`.

    McDiarmid's inequality (1989): one value changes the distance by at most 1/n or 1/m, so it exceeds its mean by e
    with chance at most exp(-2 e² nm / (n + m)); its mean is at most floor + sqrt((K - 1)(1/n + 1/m)) / 2, the second
    part being what chance alone gives K categories (Cauchy-Schwarz). For many small movements; one category's own
    movement is seen sooner by `share_p_values`.
    """
    if not n or not m or categories < 2:
        return 1.0
    noise = 1 / n + 1 / m
    excess = distance - floor - math.sqrt((categories - 1) * noise) / 2
    return math.exp(-min(2 * excess**2 / noise, 700.0)) if excess > 0 else 1.0


def category_p_value(before: NDArray[np.int64], now: NDArray[np.int64], *, floor: float) -> float:
    """The chance of counts this different, if the true total variation is at most `floor`.

    Of two answers, three quarters of the chance for the first and a quarter for the second: the most moved single
    category (times the number of categories; no more than 2 / floor count, as a rarer one has less chance than its
    share of that), and all together.
    """
    n, m = int(before.sum()), int(now.sum())
    if not n or not m:
        return 1.0
    categories = int(((before + now) > 0).sum())
    many = min(categories, math.ceil(2 / floor)) if floor > 0 else categories
    directions = 1 if categories == 2 else many  # of two categories, one's movement is the other's
    single = float(share_p_values(before, n, now, m, floor=floor).min()) * directions
    together = total_variation_p_value(total_variation(before, now), n, m, categories, floor=floor)
    return min(1.0, single / 0.75, together / 0.25) if categories > 2 else min(1.0, single)


def share_p_value(before: int, n: int, now: int, m: int, *, floor: float) -> float:
    """The chance of one share (of nulls, say) this far apart, if the true ones differ by at most `floor`."""
    return float(share_p_values(np.array([before]), n, np.array([now]), m, floor=floor)[0])


def unseen_p_value(unseen: int, now: int, m: int, n: int, known: int, *, floor: float) -> float:
    """The chance that `unseen` values no baseline row had make up `now` of `m` rows, if their true share grew <= floor.

    As for one share, of which the baseline's `n` rows had none, times the number of ways to pick so many values out of
    all that were seen (`known` in the baseline, and these).
    """
    if not unseen or not now or not n:
        return 1.0
    ways = math.lgamma(known + unseen + 1) - math.lgamma(unseen + 1) - math.lgamma(known + 1)
    one = share_p_value(0, n, now, m, floor=floor) / 2  # one direction: the baseline had none
    return min(1.0, math.exp(min(math.log(one) + ways, 0.0))) if one > 0 else 0.0


def total_variation(before: NDArray[np.int64], now: NDArray[np.int64]) -> float:
    """Half the sum of the differences in share: the least share of rows that would have to change category."""
    return float(np.abs(before / max(before.sum(), 1) - now / max(now.sum(), 1)).sum() / 2)


def beyond_chance(distance: float, noise: float) -> float:
    """What of a measured distance is more than chance: sqrt(distance² - noise²), 0 where chance explains it all.

    Distances between samples are too large on average, the more so the smaller the samples and the more categories;
    told as they are, a tenth of the rows of every small window would seem to have moved.
    """
    return math.sqrt(max(distance**2 - noise**2, 0.0))


def ks_noise(n: int, m: int) -> float:
    """The mean KS distance of samples from one distribution: sqrt(pi / 2) ln 2 = 0.869 times sqrt(1/n + 1/m).

    The mean of Kolmogorov's limiting distribution (Marsaglia, Tsang & Wang 2003 give the distribution).
    """
    return min(1.0, math.sqrt(math.pi / 2) * math.log(2) * math.sqrt(1 / n + 1 / m)) if n and m else 0.0


def total_variation_noise(before: NDArray[np.int64], now: NDArray[np.int64]) -> float:
    """The mean total variation of samples from one distribution, from the pooled shares (normal approximation)."""
    n, m = int(before.sum()), int(now.sum())
    if not n or not m:
        return 0.0
    shares = (before + now) / (n + m)
    # a category seen k times in all differs by at most k / min(n, m): the approximation overstates rare ones
    spread = np.sqrt(2 / math.pi * shares * (1 - shares) * (1 / n + 1 / m))
    return float(np.minimum(spread, 2 * shares).sum() / 2)


def ks_distance(before: NDArray[np.int64], now: NDArray[np.int64]) -> float:
    """The largest difference between the two shares of values up to a point, over the ends of ordered cells."""
    apart = np.cumsum(before) / max(before.sum(), 1) - np.cumsum(now) / max(now.sum(), 1)
    return float(np.abs(apart).max(initial=0.0))


def stability_index(before: NDArray[np.int64], now: NDArray[np.int64]) -> float:
    """The population stability index over given bins, half a row added to each (so that an empty bin stays finite).

    Source: Siddiqi 2006; Yurdakul & Naranjo 2020 on what it is without drift: (1/m + 1/n) times a chi-square.
    """
    p, q = (before + 0.5) / (before + 0.5).sum(), (now + 0.5) / (now + 0.5).sum()
    return float(((q - p) * np.log(q / p)).sum())


@lru_cache(maxsize=512)  # columns of one window mostly have as many rows
def smallest_seen(n: int, m: int, alpha: float, *, floor: float) -> float:
    """The smallest KS distance that would raise an alarm at `alpha` with samples of `n` and `m`; 1 where none would."""
    if not n or not m or ks_p_value(1.0, n, m, floor=floor) > alpha:
        return 1.0
    low, high = floor, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if ks_p_value(middle, n, m, floor=floor) <= alpha else (middle, high)
    return high


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each p-value, adjusted so that all below alpha may be called with a chance <= alpha of any false call.

    Holm 1979: valid however the tests depend on each other.
    """
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
