"""The 23 classes of the segmentation task, and the colour that marks each in a target image.

They are those of MSRC v2 (J. Winn, A. Criminisi, T. Minka, ICCV 2005), in the course's order.
Black is unlabelled: label -1, which no score counts.
"""

from __future__ import annotations

UNLABELLED = -1
VOID_COLOUR = (0, 0, 0)
CLASSES: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("building", (128, 0, 0)),
    ("grass", (0, 128, 0)),
    ("tree", (128, 128, 0)),
    ("cow", (0, 0, 128)),
    ("horse", (128, 0, 128)),
    ("sheep", (0, 128, 128)),
    ("sky", (128, 128, 128)),
    ("mountain", (64, 0, 0)),
    ("airplane", (192, 0, 0)),
    ("water", (64, 128, 0)),
    ("face", (192, 128, 0)),
    ("car", (64, 0, 128)),
    ("bicycle", (192, 0, 128)),
    ("flower", (64, 128, 128)),
    ("sign", (192, 128, 128)),
    ("bird", (0, 64, 0)),
    ("book", (128, 64, 0)),
    ("chair", (0, 192, 0)),
    ("road", (128, 64, 128)),
    ("cat", (0, 192, 128)),
    ("dog", (128, 192, 128)),
    ("body", (64, 64, 0)),
    ("boat", (192, 64, 0)),
)
NAMES = tuple(name for name, _ in CLASSES)
LABELS = {name: number for number, name in enumerate(NAMES)}
