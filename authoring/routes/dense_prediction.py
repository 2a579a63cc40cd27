"""Non-maximum suppression and segmentation networks (lecture 10), by brute force, torch and sets of pixels."""

from __future__ import annotations

from typing import Any

from authoring.routes.architectures import counted_iou


def kept_boxes(boxes: Any, scores: Any, limit: Any) -> list[int]:
    """1 for each box that non-maximum suppression keeps: the one set of boxes that is consistent with the rule.

    In that set, a box is missing exactly if a box of higher score in it overlaps with it by more than the limit.
    """
    names = range(len(boxes))
    consistent = []
    for bits in range(2 ** len(boxes)):
        kept = [bits >> n & 1 for n in names]
        beaten = [
            any(
                kept[m] and scores[m] > scores[n] and counted_iou(boxes[m], boxes[n]) > limit
                for m in names
            )
            for n in names
        ]
        if all(kept[n] == (not beaten[n]) for n in names):
            consistent.append(kept)
    (only,) = consistent
    return only


def torch_segmenter(size: int, stages: int, channels: int, classes: int, wanted: str) -> Any:
    """A fully convolutional network in torch: shape of its "features", parameters of its "head", height "out"."""
    import torch

    nn, factor = torch.nn, 2**stages
    with torch.device("meta"):
        layers: list[nn.Module] = []
        width = 3
        for _ in range(stages):
            layers += [nn.Conv2d(width, channels, 3, padding=1), nn.MaxPool2d(2)]
            width = channels
        features = nn.Sequential(*layers)(torch.zeros(1, 3, size, size))
        head = nn.Conv2d(channels, classes, 1)
        enlarge = nn.ConvTranspose2d(classes, classes, 2 * factor, factor, factor // 2)
        out = enlarge(head(features))
    found: dict[str, Any] = {
        "features": list(features.shape[1:]),
        "head": sum(p.numel() for p in head.parameters()),
        "out": out.shape[-1],
    }
    return found[wanted]


def torch_segmentation_scores(truth: Any, guess: Any) -> list[float]:
    """[pixel accuracy, intersection over union of class 1] over the pixels whose label is not -1, with torch masks."""
    import torch

    labels, guesses = torch.tensor(truth), torch.tensor(guess)
    labelled = labels != -1
    labels, guesses = labels[labelled], guesses[labelled]
    one, said = labels == 1, guesses == 1
    return [
        float((labels == guesses).double().mean()),
        int((one & said).sum()) / int((one | said).sum()),
    ]


def torch_unpooled(image: Any, values: Any) -> Any:
    """torch's max_unpool2d of the values, with the positions that its max_pool2d of the image gives."""
    import torch

    functional = torch.nn.functional
    x = torch.tensor(image, dtype=torch.float64)[None, None]
    _, places = functional.max_pool2d(x, 2, return_indices=True)
    given = torch.tensor(values, dtype=torch.float64)[None, None]
    return functional.max_unpool2d(given, places, [2, 2])[0, 0].tolist()
