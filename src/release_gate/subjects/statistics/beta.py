"""The regularized incomplete beta function and its inverse.

Sources: the continued fraction DLMF 8.17.22, evaluated by Lentz's method; the factor in front
of it as a binomial density by C. Loader, "Fast and accurate computation of binomial
probabilities" (2000), which loses no digits for large arguments.
"""

from __future__ import annotations

import math

_TINY = 1e-300
_STEPS = 1_000_000
_DIRECT_BELOW = 16.0
_SERIES_BELOW = 0.1


def incomplete(a: float, b: float, x: float) -> float:
    """I_x(a, b): the probability that a beta variable of these shapes is at most ``x``.

    Args:
        a: First shape, more than 0.
        b: Second shape, more than 0.
        x: 0 to 1.

    Raises:
        ValueError: Outside of these ranges.
    """
    if not (a > 0 and b > 0 and 0 <= x <= 1 and math.isfinite(a + b)):
        raise ValueError(f"no incomplete beta of a={a}, b={b}, x={x}")
    if x in {0.0, 1.0}:
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _density(a, b, x) * _fraction(b, a, 1 - x) / b
    return _density(a, b, x) * _fraction(a, b, x) / a


def inverse(a: float, b: float, probability: float) -> float:
    """The ``x`` for which :func:`incomplete` gives a probability: Newton's steps in a bracket.

    Args:
        a: First shape, more than 0.
        b: Second shape, more than 0.
        probability: 0 to 1.

    Raises:
        ValueError: Outside of these ranges.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability")
    if probability in {0.0, 1.0}:
        return probability
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(2000):
        error = incomplete(a, b, x) - probability
        low, high = (low, x) if error > 0 else (x, high)
        slope = _density(a, b, x) / (x * (1 - x)) if 0 < x < 1 else 0.0
        better = x - error / slope if slope > 0 else -1.0
        if not low < better < high:
            better = (low + high) / 2
        if abs(better - x) <= 4 * math.ulp(x) or better in {low, high}:
            return better
        x = better
    # Halving ends long before; without this a bound would be a number that nothing vouches for.
    raise ValueError(f"no inverse of a={a}, b={b}, p={probability}")  # pragma: no cover


def _density(a: float, b: float, x: float) -> float:
    """x^a (1 - x)^b / B(a, b)."""
    total = a + b
    exponent = _stirling(total) - _stirling(a) - _stirling(b)
    exponent -= _deviance(a, total * x) + _deviance(b, total * (1 - x))
    return math.exp(exponent) * math.sqrt(a * b / (2 * math.pi * total))


def _stirling(value: float) -> float:
    """What Stirling's formula leaves out of the logarithm of ``gamma(value + 1)``."""
    if value < _DIRECT_BELOW:
        formula = (value + 0.5) * math.log(value) - value + 0.5 * math.log(2 * math.pi)
        return math.lgamma(value + 1) - formula
    square = value * value
    inner = 1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square
    return (1 / 12 - (1 / 360 - inner / square) / square) / value


def _deviance(value: float, mean: float) -> float:
    """The term ``value log(value / mean) + mean - value``, exact also where the two are close."""
    if mean <= 0:
        return math.inf
    if abs(value - mean) >= _SERIES_BELOW * (value + mean):
        return value * math.log(value / mean) + mean - value
    ratio = (value - mean) / (value + mean)
    total, term, power = (value - mean) * ratio, 2 * value * ratio, 1
    while True:
        term *= ratio * ratio
        power += 2
        more = total + term / power
        if more == total:
            return total
        total = more


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction, by Lentz's method."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / _away(1 + even * d), _away(1 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _away(1 + odd * d), _away(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) <= 2 * math.ulp(1.0):
            return value
    # No counts that the callers allow come here; a cut-off sum would be a wrong bound.
    raise ValueError(f"no convergence for a={a}, b={b}, x={x}")  # pragma: no cover


def _away(value: float) -> float:
    """The value, kept off 0."""
    return value if abs(value) > _TINY else _TINY
