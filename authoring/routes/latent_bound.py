"""The variational bound of a code with few values, by torch's distributions over all of them."""

from __future__ import annotations

from typing import Any


def torch_variational_bound(prior: Any, code: Any, likelihood: Any, wanted: str) -> Any:
    """For probabilities 1 / 2^k: "evidence", "reconstruction", "kl", "bound" or "posterior", summed over the codes."""
    import torch

    p, q, x = (
        torch.tensor([2.0 ** -int(k) for k in row], dtype=torch.float64)
        for row in (prior, code, likelihood)
    )
    before, after = torch.distributions.Categorical(p), torch.distributions.Categorical(q)
    evidence = torch.logsumexp(before.logits + x.log(), 0)
    if wanted == "evidence":
        return float(evidence.exp())
    if wanted == "posterior":
        return [float(v) for v in torch.softmax(before.logits + x.log(), 0)]
    if wanted == "bound":
        # ln p(x) less the divergence from the true posterior.
        posterior = torch.distributions.Categorical(logits=before.logits + x.log())
        return float(evidence - torch.distributions.kl_divergence(after, posterior))
    if wanted == "kl":
        return float(torch.distributions.kl_divergence(after, before))
    return float((q * x.log()).sum())
