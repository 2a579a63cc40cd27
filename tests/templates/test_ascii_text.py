"""Mathematics for terminals that know ASCII alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.ascii_text import to_ascii

CASES = {
    "W²V(1 − h₂²)": "W^2V(1 - h_2^2)",
    "∂L/∂W = Xᵀ · δ": "dL/dW = X^T * delta",
    "σ′(z₁₂) ≤ ‖θ‖₂": "sigma'(z_{12}) <= ||theta||_2",
    "x ∈ {0, 1} and y∈{1}": "x in {0, 1} and y in {1}",
    "a ⊙ b": "a .* b",
    "10⁻³ ≈ 0": "10^{-3} ~= 0",
    "3 × 32 × 32": "3 x 32 x 32",
    "ŷ = Ω, Δ, λ": "y_hat = Omega, Delta, lambda",
    "Poincaré": "Poincare",
    "⌊7/2⌋": "floor(7/2)",
    "plain text  stays": "plain text  stays",
    "日": "U+65E5",
}


@pytest.mark.parametrize("text", CASES)
def test_it_reads_as_people_type_it(text):
    assert to_ascii(text) == CASES[text]


@given(st.text())
def test_whatever_there_is_becomes_ascii(text):
    assert to_ascii(text).isascii()
    assert to_ascii(to_ascii(text)) == to_ascii(text)
