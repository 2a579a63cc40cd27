"""Keypoints and mixed images, by equations, by numpy's own flips and by torch's losses."""

from __future__ import annotations

from typing import Any


def keypoint_by_equations(left: int, top: int, side: int, outputs: Any) -> list[float]:
    """Where in the photograph a network's output lies: sympy solves the equations of the preprocessing."""
    import sympy

    found = []
    for edge, output in zip((left, top), outputs, strict=True):
        place = sympy.Symbol("place")
        resized = (place - edge) * sympy.Rational(96, side)
        # the straight line through (0, -1) and (96, 1)
        mapped = sympy.interpolate([(0, -1), (96, 1)], resized)
        wanted = sympy.Rational(str(output))
        found.append(float(sympy.solve(sympy.Eq(mapped, wanted), place)[0]))
    return found


def torch_mixed_images(
    first: Any, second: Any, weight: Any, pixel: Any, place: Any, patch: Any, probabilities: Any
) -> list[float]:
    """[a pixel of mixup, share of the first image in CutMix, torch's cross-entropy with the soft label]."""
    import torch

    a, b = (
        torch.tensor([[float(v) for v in row] for row in image], dtype=torch.float64)
        for image in (first, second)
    )
    mixed = torch.lerp(b, a, float(weight))
    owner = torch.zeros_like(a)
    owner[place[0] : place[0] + patch[0], place[1] : place[1] + patch[1]] = 1
    known = [float(p) for p in probabilities]
    scores = torch.tensor([[*known, max(1 - sum(known), 1e-9)]], dtype=torch.float64).log()
    label = torch.tensor([[float(weight), 1 - float(weight), 0.0]], dtype=torch.float64)
    # a rest of 0 would make the logarithm infinite; the label is 0 there, and the sum is 1 all the same
    loss = -(label * (scores - scores.logsumexp(dim=1, keepdim=True))).sum()
    return [
        float(mixed[pixel[0], pixel[1]]),
        float((owner == 0).double().mean()),
        float(loss),
    ]


def pipeline_can_make(image: Any, shown: Any) -> list[bool]:
    """Whether each shown image is among many that numpy mirrors by chance and crops at a random place."""
    import numpy as np

    random = np.random.default_rng(0)
    x = np.array(image)
    size = len(shown[0])
    made = set()
    for _ in range(400):
        one = np.fliplr(x) if random.random() < 0.5 else x
        top, left = random.integers(0, len(x) - size + 1, 2)
        made.add(one[top : top + size, left : left + size].tobytes())
    return [np.array(picture, dtype=x.dtype).tobytes() in made for picture in shown]


def keypoints_by_interpolation(eyes: Any, corner: Any, side: int, what: str) -> list[list[float]]:
    """[x, y] of left and right eye: "resized", "mirrored" or "normal", by numpy's interpolation between borders.

    The person faces the camera upright, so that the left eye is the one further to the right in any image.
    """
    import numpy as np

    left, top = corner
    targets = {"resized": (0, 96, 96), "mirrored": (96, 0, 96), "normal": (1, -1, 1)}
    first, last, low = targets[what]
    high = -1 if what == "normal" else 0
    found = [
        [
            float(np.interp(float(x), [left, left + side], [first, last])),
            float(np.interp(float(y), [top, top + side], [high, low])),
        ]
        for x, y in eyes
    ]
    return sorted(found, reverse=True)


def torch_keypoint_score(eyes: Any, corner: Any, side: int, prediction: Any) -> list[float]:
    """[torch's mse_loss in normalised coordinates, 1 / (2 MSE)]."""
    import torch

    guess, target = (
        torch.tensor([[float(v) for v in row] for row in rows], dtype=torch.float64)
        for rows in (prediction, keypoints_by_interpolation(eyes, corner, side, "normal"))
    )
    loss = float(torch.nn.functional.mse_loss(guess, target))
    return [loss, 1 / (2 * loss)]
