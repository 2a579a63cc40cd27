"""Wrong update rules, each by name: the path of the weights that it leads to.

Paths are what `grader.code.checks.update_rules` compares: the weights after each step, stacked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from grader.code.compare import Mistake

# Settings by the keys of config, and the state before the first step ("velocity", or "m", "v", "t").
Settings = Mapping[str, float]
State = tuple[Tensor, ...]
Step = Callable[[Tensor, Tensor, State], tuple[Tensor, State]]


def path(step: Step, w: Tensor, gradients: Sequence[Tensor], state: State) -> Tensor:
    """The weights after each step, stacked along a new first axis."""
    found = []
    for dw in gradients:
        w, state = step(w, dw, state)
        found.append(w)
    return torch.stack(found)


def wrong_sgd(w: Tensor, gradients: Sequence[Tensor], settings: Settings) -> Iterator[Mistake]:
    """Slips in plain gradient descent."""
    rate = settings["learning_rate"]
    for name, sentence, factor in (
        ("sign-of-the-step", "The step goes along the gradient; it goes against it.", rate),
        ("learning-rate-missing", "The gradient is not multiplied by the learning rate.", -1.0),
    ):

        def step(
            w: Tensor, dw: Tensor, state: State, factor: float = factor
        ) -> tuple[Tensor, State]:
            return w + factor * dw, state

        yield Mistake(name, sentence, partial(path, step, w, gradients, ()))


def wrong_momentum(
    w: Tensor, gradients: Sequence[Tensor], settings: Settings, velocity: Tensor
) -> Iterator[Mistake]:
    """Slips in the momentum step. `velocity` is the decaying sum of gradients before the first step."""
    rate, beta = settings["learning_rate"], settings["momentum"]
    slips: dict[str, tuple[str, Step]] = {
        "velocity-not-stored": (
            ("Every step is made as if no step had come before it (from rest that is plain gradient "
            'descent): store the new velocity in config["velocity"], and use it in the next step.'),
            lambda w, dw, s: (w - rate * (beta * s[0] + dw), s),
        ),
        "velocity-ignored": (
            "The step is plain gradient descent, as if the velocity were always 0.",
            lambda w, dw, s: (w - rate * dw, s),
        ),
        "momentum-times-the-gradient-only": (
            ("The momentum multiplies the gradient; it multiplies the velocity of the step before: "
            "v = momentum * v + dw."),
            lambda w, dw, s: (w - rate * beta * dw, s),
        ),
        "velocity-not-decayed": (
            "The old velocity is added whole; it is multiplied by the momentum first.",
            lambda w, dw, s: (w - rate * (s[0] + dw), (s[0] + dw,)),
        ),
        "gradient-decayed-too": (
            ("The momentum multiplies the gradient as well; it multiplies the old velocity only: "
            "v = momentum * v + dw."),
            lambda w, dw, s: (w - rate * beta * (s[0] + dw), (beta * (s[0] + dw),)),
        ),
        "averaged-velocity": (
            ("The velocity is an average, momentum * v + (1 - momentum) * dw; here the gradient "
            "enters whole."),
            lambda w, dw, s: _moved(w, -rate, beta * s[0] + (1 - beta) * dw),
        ),
        "sign-of-the-step": (
            "The step goes along the gradient; it goes against it.",
            lambda w, dw, s: _moved(w, rate, beta * s[0] + dw),
        ),
        "sign-of-the-gradient": (
            "The gradient enters the velocity with the wrong sign: the step goes against it.",
            lambda w, dw, s: _moved(w, -rate, beta * s[0] - dw),
        ),
        "learning-rate-twice": (
            "The learning rate comes in twice: in the velocity and in the step.",
            lambda w, dw, s: _moved(w, -(rate**2), beta * s[0] + dw),
        ),
        "nesterov": (
            "This is Nesterov's momentum; the plain one steps along the new velocity.",
            lambda w, dw, s: (
                w - rate * (dw + beta * (beta * s[0] + dw)), (beta * s[0] + dw,),
            ),
        ),
        "old-velocity-used": (
            "The step is made with the velocity of the step before; make the new one first.",
            lambda w, dw, s: (w - rate * s[0], (beta * s[0] + dw,)),
        ),
    }  # fmt: skip
    for name, (sentence, step) in slips.items():
        yield Mistake(name, sentence, partial(path, step, w, gradients, (velocity,)))


def _moved(w: Tensor, rate: float, v: Tensor) -> tuple[Tensor, State]:
    return w + rate * v, (v,)


def wrong_adam(
    w: Tensor, gradients: Sequence[Tensor], settings: Settings, state: tuple[Tensor, Tensor, int]
) -> Iterator[Mistake]:
    """Slips in Adam. `state` is m, v and t before the first step."""
    rate, eps = settings["learning_rate"], settings["epsilon"]
    b1, b2 = settings["beta1"], settings["beta2"]

    def step(
        w: Tensor, dw: Tensor, state: State, *,
        betas: tuple[float, float] = (b1, b2),
        correcting: tuple[float, float] = (b1, b2),
        weights: tuple[float, float] = (1 - b1, 1 - b2),
        square: Callable[[Tensor], Tensor] = torch.square,
        corrected: tuple[bool, bool] = (True, True),
        late: int = 0, counts: bool = True, keeps: bool = True,
        keeps_corrected: tuple[bool, bool] = (False, False), powers: tuple[bool, bool] = (True, True),
        size: Callable[[Tensor], Tensor] = lambda v: v.sqrt() + eps,
        swapped: bool = False, old: bool = False,
    ) -> tuple[Tensor, State]:  # fmt: skip
        before, t = state, state[2] + 1
        m = betas[0] * state[0] + weights[0] * dw
        v = betas[1] * state[1] + weights[1] * square(dw)
        used_m, used_v = (before[0], before[1]) if old else (m, v)
        ones, twos = (beta ** (t + late) if power else beta
                      for beta, power in zip(correcting, powers, strict=True))  # fmt: skip
        m_hat = used_m / (1 - ones) if corrected[0] else used_m
        v_hat = used_v / (1 - twos) if corrected[1] else used_v
        moved = rate * (v_hat / size(m_hat) if swapped else m_hat / size(v_hat))
        kept_m, kept_v = m_hat if keeps_corrected[0] else m, v_hat if keeps_corrected[1] else v
        if not keeps:
            kept_m, kept_v = before[0], before[1]
        return w - moved, (kept_m, kept_v, t if counts else before[2])

    slips: dict[str, tuple[str, *tuple[Step, ...]]] = {
        "bias-correction-missing": (
            ("The bias correction is missing: m and v start at 0, so divide them by 1 - beta1^t and "
            "1 - beta2^t."),
            partial(step, corrected=(False, False)),
        ),
        "first-moment-not-corrected": (
            "m is not divided by 1 - beta1^t.", partial(step, corrected=(False, True)),
        ),
        "second-moment-not-corrected": (
            "v is not divided by 1 - beta2^t.", partial(step, corrected=(True, False)),
        ),
        "t-not-stored": (
            ('The bias correction is the same in every step, as if t stayed what it is in the first: '
            'store the raised t in config["t"], and divide by 1 - beta^t with it as the power.'),
            partial(step, counts=False),
        ),
        "t-one-too-high": (
            "The bias correction is made with t one too high: in the first step t is 1.",
            partial(step, late=1),
        ),
        "t-raised-too-late": (
            ("t is raised after it is used (or never): in the first step t is 0 and 1 - beta^t "
            "divides by 0."), partial(step, late=-1),
        ),
        "t-never-raised": (
            't is never raised: in every step it is what config["t"] was at the start.',
            partial(step, late=-1, counts=False),
        ),
        "moments-not-stored": (
            'm and v start anew in every step: store them in config["m"] and config["v"].',
            partial(step, keeps=False),
        ),
        "nothing-stored": (
            "m, v and t start anew in every step: store them in config.",
            partial(step, keeps=False, counts=False),
        ),
        "corrected-moments-stored": (
            ("The corrected m or v is stored, and corrected again in the next step; store both as "
            "they are before the correction."),
            partial(step, keeps_corrected=(True, True)),
            partial(step, keeps_corrected=(True, False)),
            partial(step, keeps_corrected=(False, True)),
        ),
        "power-of-t-missing": (
            "The bias correction divides by 1 - beta; it divides by 1 - beta^t, with t the step's number.",
            partial(step, powers=(False, False)),
            partial(step, powers=(False, True)),
            partial(step, powers=(True, False)),
        ),
        "beta1-used-for-v": (
            "v is averaged by beta1; its weights are beta2 and 1 - beta2.",
            partial(step, weights=(1 - b1, 1 - b1)),
            partial(step, betas=(b1, b1), weights=(1 - b1, 1 - b1)),
            partial(step, betas=(b1, b1), weights=(1 - b1, 1 - b1), correcting=(b1, b1)),
        ),
        "absolute-values-instead-of-squares": (
            "v averages the gradient's absolute value; it averages its square.",
            partial(step, square=torch.abs),
        ),
        "moments-swapped": (
            "m and v have changed places: the step is m_hat / (sqrt(v_hat) + epsilon).",
            partial(step, swapped=True, size=lambda m: m.abs().sqrt() + eps),
        ),
        "betas-swapped": (
            "beta1 and beta2 have changed places: beta1 belongs to m, beta2 to v.",
            partial(step, betas=(b2, b1), correcting=(b2, b1), weights=(1 - b2, 1 - b1)),
        ),
        "epsilon-inside-the-root": (
            "epsilon is added inside the root; it is added to sqrt(v_hat).",
            partial(step, size=lambda v: (v + eps).sqrt()),
        ),
        "epsilon-missing": (
            ('config["epsilon"] is not in the step, which divides by sqrt(v_hat) + epsilon: it is not '
            "added, or a number that stands fixed in the code is added instead."),
            partial(step, size=torch.sqrt),
        ),
        "root-missing": (
            "The root is missing: the step divides by sqrt(v_hat) + epsilon.",
            partial(step, size=lambda v: v + eps),
        ),
        "gradient-not-squared": (
            "v averages the gradient; it averages the gradient's square.",
            partial(step, square=torch.clone),
        ),
        "gradient-enters-whole": (
            ("The gradient enters m and v whole; it is multiplied by 1 - beta1, its square by "
            "1 - beta2."),
            partial(step, weights=(1.0, 1.0)),
        ),
        "averages-the-other-way-round": (
            "The weights of the averages are the other way round: m = beta1 * m + (1 - beta1) * dw.",
            partial(step, betas=(1 - b1, 1 - b2), weights=(b1, b2)),
        ),
        "old-moments-used": (
            "The step is made with m and v of the step before; make the new ones first.",
            partial(step, old=True),
        ),
    }  # fmt: skip
    first = (state[0], state[1], torch.tensor(state[2], dtype=torch.float64))
    for name, (sentence, *ways) in slips.items():
        for wrong in ways:
            yield Mistake(name, sentence, partial(path, wrong, w, gradients, first))
    yield Mistake(
        "sign-of-the-step",
        "The step goes along the gradient; it goes against it.",
        lambda: _other_way(w, path(step, w, gradients, first)),
    )


def _other_way(w: Tensor, along: Tensor) -> Tensor:
    return 2 * w - along
