"""Variational autoencoders, generative adversarial networks, and linear autoencoders (lecture 12)."""

from __future__ import annotations

from fractions import Fraction

from question_bank.grammar.functions import ln

Real = int | Fraction | float
Vector = tuple[Real, ...]


def reparametrise(mu: Vector, sigma: Vector, epsilon: Vector) -> Vector:
    """z = mu + sigma * epsilon, entry by entry; sigma is the standard deviation."""
    _positive(sigma)
    return tuple(m + s * e for m, s, e in zip(mu, sigma, epsilon, strict=True))


def kl_gaussian_std(mu: Vector | Real, std: Vector | Real) -> Real:
    """KL(N(mu, diag std^2) || N(0, I)) = 1/2 sum(mu^2 + std^2 - 1 - ln std^2), natural logarithm.

    `std` is the standard deviation, not the variance; a number stands for a vector with one entry.
    """
    means = mu if isinstance(mu, tuple) else (mu,)
    deviations = std if isinstance(std, tuple) else (std,)
    _positive(deviations)
    terms = (m**2 + s**2 - 1 - ln(s**2) for m, s in zip(means, deviations, strict=True))
    return sum(terms, start=0) * Fraction(1, 2)


def kl_discrete(p: Vector, q: Vector) -> Real:
    """KL(p || q) = sum p_i ln(p_i / q_i), natural logarithm; 0 ln 0 is 0, and p_i > 0 = q_i has no finite value."""
    for name, values in (("p", p), ("q", q)):
        if any(v < 0 for v in values) or abs(float(sum(values)) - 1) > 1e-9:
            raise ValueError(f"{name} must hold probabilities that add up to 1")
    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        raise ValueError("the divergence is infinite: q is 0 where p is not")
    terms: list[Real] = [a * ln(Fraction(a) / b) for a, b in zip(p, q, strict=True) if a]
    return sum(terms, start=0)


def optimal_discriminator(data: Vector, generated: Vector) -> Vector:
    """p_data / (p_data + p_G) at each point; D is the probability that the point is from the data."""
    if any(p < 0 for p in (*data, *generated)):
        raise ValueError("a probability is not negative")
    if any(p + q == 0 for p, q in zip(data, generated, strict=True)):
        raise ValueError("where neither distribution has mass, any D is optimal")
    return tuple(Fraction(p) / (p + q) for p, q in zip(data, generated, strict=True))


def linear_autoencoder_loss(variances: Vector, code: int) -> Real:
    """Smallest mean squared error (sum over the coordinates, mean over the data) with a code of that size.

    `variances` are the eigenvalues of the covariance matrix of centred data: the smallest ones are lost (PCA).
    """
    if not 0 <= code <= len(variances):
        raise ValueError(f"the code has between 0 and {len(variances)} entries, not {code}")
    if any(v < 0 for v in variances):
        raise ValueError("an eigenvalue of a covariance matrix is not negative")
    return sum(sorted(variances)[: len(variances) - code])


def _positive(sigma: Vector) -> None:
    if any(s <= 0 for s in sigma):
        raise ValueError("a standard deviation must be positive")
