"""The nouns that may stand behind a plain count: 98816 parameters, 32 trainable weights, 10 Schichten.

Any other word may change the number before it (million, wrong, hex), so that the number is not read.
"""

from __future__ import annotations

from collections.abc import Sequence

# In English and in German, without their endings.
_NOUNS = frozenset({
    "pixel", "parameter", "param", "hyperparameter", "weight", "bias", "neuron", "unit", "channel", "filter", "kernel", "feature", "map", "mask",
    "image", "picture", "sample", "example", "point", "datapoint", "token", "word", "sentence", "sequence", "character", "patch", "window", "box",
    "epoch", "step", "timestep", "iteration", "update", "batch", "minibatch", "run", "trial", "fold", "experiment", "configuration", "combination",
    "layer", "block", "cell", "gate", "head", "stage", "network", "model", "node", "edge", "vertex", "vertic", "path", "connection", "operation",
    "multiplication", "addition", "subtraction", "division", "product", "evaluation", "computation", "comparison", "activation", "gradient",
    "matrix", "matric", "vector", "tensor", "entry", "entri", "element", "number", "value", "row", "column", "position", "location", "dimension", "axis",
    "nat", "training", "line", "time", "mal", "piece", "segment", "kink", "region", "input", "output", "state", "class", "label", "category", "categori", "object", "prediction", "error", "mistake", "variable", "term", "device", "gpu",
    "gewicht", "einheit", "kanal", "kanäl", "kern", "merkmal", "merkmalskart", "bild", "bildpunkt", "beispiel", "stichprob", "punkt", "datenpunkt", "wort", "wört", "satz", "sätz",
    "schritt", "zeitschritt", "durchlauf", "durchläuf", "versuch", "schicht", "zell", "netz", "netzwerk", "modell", "knot", "kant", "pfad", "verbindung",
    "matriz", "vektor", "eintrag", "einträg", "zahl", "wert", "zeil", "spalt", "stell", "achs", "eingang", "eingäng", "ausgang", "ausgäng", "eingab", "ausgab",
    "zustand", "zuständ", "klass", "objekt", "fehl", "aktualisierung", "aktivierung", "variabl", "stück", "teil", "knick", "geradenstück", "bereich", "total", "altogether", "overall", "insgesamt",
})  # fmt: skip
_ENDINGS = ("", "s", "es", "e", "en", "n", "er", "ern", "se", "sen")
# What may stand beside such a noun.
_BESIDE = frozenset({
    "trainable", "learnable", "free", "hidden", "input", "output", "training", "test", "validation", "time", "feature", "data", "gradient", "weight",
    "scalar", "real", "elementary", "matrix", "convolutional", "linear", "dense", "fully", "connected", "forward", "backward", "possible", "different", "distinct",
    "trainierbare", "lernbare", "freie", "versteckte", "verschiedene", "mögliche", "skalare",
    "in",
})  # fmt: skip


def is_counted(words: Sequence[str]) -> bool:
    """Whether words in small letters say what was counted, and nothing else."""
    nouns = [_is_noun(word) for word in words]
    return any(nouns) and all(
        noun or word in _BESIDE for noun, word in zip(nouns, words, strict=True)
    )


def _is_noun(word: str) -> bool:
    return any(word.endswith(end) and word[: len(word) - len(end)] in _NOUNS for end in _ENDINGS)
