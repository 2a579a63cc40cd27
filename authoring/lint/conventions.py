"""Conventions in which books and libraries differ: a question whose key depends on one must print it.

Each convention says by which words of the text it is needed, and what counts as printing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from authoring.lint.findings import Finding
from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.derive import compiled, functions
from question_bank.grammar.exact import EvaluationError, Function, Value
from question_bank.schema import Question
from question_bank.variant import Variant


@dataclass(frozen=True)
class Convention:
    """`needed`: all of these are found in what is asked. `printed`: one of these says the convention.

    `counts`: needed only where an answer is computed (a number, a shape, a formula), since statements such as
    "momentum helps in ravines" hold under each convention.
    """

    name: str
    readings: str
    needed: tuple[str, ...]
    printed: tuple[str, ...]
    counts: bool = True


_MOMENTUM_RULE = r"\bv[^$]{0,12}(?:\\leftarrow|\\gets|=|:=)[^$]*(?:\\beta|\\mu|\\rho|\\gamma|\bm\b)"
CONVENTIONS = (
    Convention(
        "momentum",
        "v = beta v - alpha g, or v = beta v + g with theta - alpha v",
        # Whether a step grows, and how many times, is the same under each convention.
        (r"(?i)\bmomentum\b", r"\bv\b|velocit|\bstep|update", r"^(?!.*(?:running|times as long|stays the same)).*$"),
        (_MOMENTUM_RULE,),
    ),
    Convention(
        "momentum of batch normalisation",
        "it weights the old running value (course) or the new one (PyTorch)",
        (r"running (?:mean|variance|value|statistic|average)", r"\bmomentum\b|\bdecay\b"),
        (r"(?:\\leftarrow|\\gets|=)[^$]*\(?1\s*-", r"(?:old|new)[^.]*\b(?:weight|factor|share)", r"(?:weight|factor|share|momentum)[^.]*\b(?:old|new)\b"),
    ),
    Convention(
        "p of dropout",
        "the probability to drop, or to keep",
        (r"(?i)\bdropout\b", r"\bp\s*(?:=|\\in|\$)|probability"),
        (
            r"(?:drop|keep|kept|zero|remov|switch)\w*[^.]{0,60}\bprobability|probability[^.]{0,40}\b(?:drop|keep|kept|zero|remov)",
            r"\b(?:drop|keep) (?:rate|probability)",
        ),
    ),
    Convention(
        "slope of the leaky ReLU",
        "0.1 or 0.01",
        (r"(?i)\bleaky\b",),
        (r"\bslope\b[^.]{0,40}\d", r"0?\.\d+\s*\\?,?\s*[xz]", r"\\frac\{1\}\{\d+\}\s*[xz]", r"\\alpha", r"\\max\(", r"\\begin\{cases\}"),
    ),
    Convention(
        "variant of Xavier's initialisation",
        "1/n or 2/(n_in + n_out)",
        (r"\b(?:Xavier|Glorot)\b",),
        (r"(?i)varian[^.]*(?:\\frac|/)", r"(?i)(?:\\frac|/)[^.]*(?:varian|deviation)", r"(?i)deviation[^.]*(?:\\frac|/|\\sqrt)"),
    ),
    Convention(
        "variant of He's initialisation",
        "fan-in or fan-out; the variance is 2/n",
        (r"\b(?:He|Kaiming)(?:'s)? (?:initiali[sz]ation|et al)",),
        (r"(?i)\bfan-?\s?(?:in|out)\b", r"(?i)number of (?:its )?inputs", r"\\frac\{2\}|2\s*/"),
    ),
    Convention(
        "J^T J in Gauss-Newton's method",
        "2 J^T J, or J^T J with a loss of half the sum",
        (r"\bGauss-?\s?Newton|\bLevenberg",),
        (r"J\^\{?(?:\\top|T|\\mathsf)", r"\\frac\{1\}\{2\}|\\tfrac12|\bhalf the sum"),
    ),
    Convention(
        "sum or mean of squared errors",
        "the sum, half the sum, or the mean",
        (r"(?i)\bsquared (?:error|loss|difference)|\bL2 loss|\$?L_2\$? loss",),
        (r"(?i)\b(?:mean|sum|summed|averag\w*|half|added)\b", r"\\sum|\\lVert|\\\|", r"\([^()]*-[^()]*\)\s*\^\s*\{?2"),
    ),
    Convention(
        "factor of the L2 penalty",
        "lambda or lambda / 2 times the squared norm",
        (r"(?i)\bL2[ -](?:penalt|regulari)|\$L_2\$[ -](?:penalt|regulari)|\bweight decay of|\bridge\b",),
        (r"(?:\\lambda|\\alpha|\\frac|\d)[^$]*(?:\^\s*\{?2|\\lVert|\\sum|[wW\\])", r"(?i)no weight decay|without weight decay"),
    ),
    Convention(
        "mean or sum over the batch",
        "the loss of a batch is the mean, or the sum, of those of its samples",
        (r"(?i)\bcross-entropy\b", r"(?i)\bbatch of\b", r"(?i)\bgradient|\bloss\b"),
        (r"(?i)\b(?:mean|sum|summed|averag\w*)\b", r"\\sum", r"\\frac\{1\}\{(?:N|n|m|B|\d+)\}"),
    ),
    Convention(
        "biases of an LSTM",
        "one bias for each gate (course), or two (PyTorch)",
        (r"\b(?:LSTM|GRU)\b", r"(?i)\bparameters\b|\bhow many weights"),
        (r"(?i)\bbias",),
    ),
    Convention(
        "biases in a count of parameters",
        "with biases, or without",
        (r"(?i)\bhow many[^.?]{0,40}\bparameters\b|number of (?:\w+ )?parameters", r"(?i)\blayer|\bconvolution|\bnetwork|\bfilter"),
        (r"(?i)\bbias",),
    ),
    Convention(
        "variant of the ResNet",
        'libraries count "ResNet-50" differently: convolution biases, running statistics',
        (r"\bResNet-?\s?\d+", r"(?i)\bparameters\b|\bhow many weights|\bmultiply-adds|\bFLOPs"),
        (r"(?i)\bbias\w*\b", r"(?i)\btorchvision|\bKeras|\boriginal paper"),
    ),
    Convention(
        "base of the logarithm",
        "natural logarithm, or base 2",
        (r"(?i)\bentropy\b|\bKL\b|\\mathrm\{KL\}|divergence", r"(?i)\b(?:compute|what is|how large is)\b(?![^.?]*(?:gradient|derivative))"),
        (r"(?i)\bnatural log", r"\\ln\b|\bln\b", r"\\log_\{?[2e]", r"(?i)\bbits?\b|\bnats?\b"),
    ),
)  # fmt: skip
FLOOR = Convention(
    "stride that does not divide",
    "what does not fit is left out (floor), or the layer is not allowed",
    (),
    (
        r"(?i)\bfloor|\\lfloor",
        r"(?i)\b(?:left|leaves?|leaving) out\b|\bignored\b|\bcut off\b|\bdropped\b",
        r"(?i)\b(?:do|does) not fit\b|\brounded (?:down|off)\b|\bincomplete\b|\bonly (?:whole|complete)",
    ),
)
_SIZES = ("conv_output_size", "pool_output_size")


def missing_conventions(question: Question, variant: Variant) -> Iterator[Finding]:
    """The conventions that the variant needs and does not print."""
    text = visible_text(variant)
    computed = _is_computed(question, variant)
    for convention in CONVENTIONS:
        if convention.counts and not computed:
            continue
        if all(_found(pattern, text) for pattern in convention.needed):
            yield from _unless_printed(convention, text)
    if _stride_leaves_a_rest(question, variant.values):
        yield from _unless_printed(FLOOR, text)


def visible_text(variant: Variant) -> str:
    """Everything that is printed of a variant, in one line: stem, parts, options."""
    shown = [variant.text, *(part.text for part in variant.parts)]
    for part in variant.parts:
        if isinstance(part.answer, MultipleChoiceKey):
            shown += [option.text for option in part.answer.options]
    return re.sub(r"\s+", " ", re.sub(r"\*\*|(?<!\\)\\[,;!]", " ", " ".join(shown)))


def _is_computed(question: Question, variant: Variant) -> bool:
    """Whether an answer is computed, or the options state values."""
    kinds = {part.answer.type for part in variant.parts}
    if any(answer_type(kind).computed for kind in kinds):
        return True
    options = [option.text or option.value or "" for option in question.options]
    return bool(question.let) and any(re.search(r"\{\{|\d", text) for text in options)


def _unless_printed(convention: Convention, text: str) -> Iterator[Finding]:
    if not any(_found(pattern, text) for pattern in convention.printed):
        says = f"the text does not say which convention holds ({convention.name}: {convention.readings})"
        yield Finding("convention", says, "error")


def _found(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _stride_leaves_a_rest(question: Question, values: Mapping[str, Value]) -> bool:
    """Whether a `let` line computes the size of a layer whose stride does not divide."""
    rests: list[int] = []
    known = dict(functions())
    for name in _SIZES:
        if name in known:
            known[name] = _watched(known[name], rests)
    for expression in question.let.values():
        if any(name in expression for name in _SIZES):
            try:
                compiled(expression).value(values, known)
            except EvaluationError:
                return False  # reported where the variant is made
    return any(rests)


def _watched(size: Function, rests: list[int]) -> Function:
    def call(*plain: Value, **named: Value) -> Value:
        names = ("input", "kernel", "stride", "padding", "dilation")
        given = {**dict(zip(names, plain, strict=False)), **named}
        stride = given.get("stride", 1)
        extent = given.get("dilation", 1) * (given["kernel"] - 1) + 1
        rests.append((given["input"] + 2 * given.get("padding", 0) - extent) % stride)
        return size(*plain, **named)

    return call
