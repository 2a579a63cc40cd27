"""A form with everything that is hard on paper; run as a script, it prints digests of its PDFs."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace

from generator.exam import Form, FormQuestion, FormSection
from question_bank.answers.formula_key import ExpressionKey
from question_bank.answers.marking import MistakeKey
from question_bank.answers.matrix import MatrixKey
from question_bank.answers.multiple_choice import MultipleChoiceKey, Option
from question_bank.answers.numeric import NumericKey
from question_bank.answers.shape import ShapeKey
from question_bank.answers.text import TextKey
from question_bank.variant import FigureCall, Part, RubricLine, Variant

LSTM = r"""$$
\begin{aligned}
f_t &= \sigma(W_f h_{t-1} + V_f x_t + b_f) & i_t &= \sigma(W_i h_{t-1} + V_i x_t + b_i) \\
c_t &= f_t \odot c_{t-1} + i_t \odot \tanh(W_c h_{t-1} + V_c x_t + b_c) & h_t &= o_t \odot \tanh(c_t)
\end{aligned}
$$"""
TABLE = "| layer | $K$ | $S$ |\n|---|--:|--:|\n| conv 1 | 5 | 2 |\n| pool 1 | 2 | 2 |\n"
CODE = "```python\nfor x, y in loader:\n    optimizer.zero_grad()\n    loss(model(x), y).backward()\n```\n"
NETWORK = FigureCall(
    "network",
    {
        "layers": [["$x_1$", "$x_2$"], ["$h_1$", "$h_2$"], ["$y$"]],
        "weights": [[[1, -2], [3, 1]], [[2, -1]]],
    },
    "A network with two inputs, two hidden units and an output, weights on its edges",
)
SECRET = "zebrafinch"
"""Stands in everything that belongs to the key and must not reach an exam."""


def part(label: str, text: str, points: float, answer: object, **more: object) -> Part:
    plain = Part(
        label=label,
        text=text,
        points=points,
        figure=None,
        answer=answer,  # type: ignore[arg-type]
        mistakes=(),
        solution=f"Because of the {SECRET}: $x = 1$.",
        rubric=(RubricLine(points, f"names the {SECRET}"),),
        carry={},
        spec=None,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def variant(
    kind: str, title: str, text: str, *parts: Part, figure: FigureCall | None = None
) -> Variant:
    points = sum(each.points for each in parts)
    return Variant(
        question_id=title.lower().replace(" ", "_"),
        seed=1,
        title=title,
        lecture=1,
        topic="topic",
        type=kind,
        points=points,
        minutes=points,
        difficulty=3,
        parameters={},
        let={},
        values={},
        text=text,
        figure=figure,
        parts=parts,
        solution=f"In all, the {SECRET} decides.",
    )


def choice(
    title: str, text: str, options: list[tuple[str, bool]], figure: FigureCall | None = None
) -> Variant:
    listed = tuple(
        Option(text=t, correct=c, why=f"{SECRET} in $\\theta$", mistake=None) for t, c in options
    )
    return variant(
        "multiple_choice",
        title,
        text,
        part("", "", 2, MultipleChoiceKey(options=listed)),
        figure=figure,
    )


def form(language: str = "en") -> Form:
    choices = [
        choice(
            "Formulas",
            f"With the LSTM\n\n{LSTM}\n\nwhich hold?",
            [
                (
                    r"$\frac{\partial c_t}{\partial c_{t-1}} = \operatorname{diag}(f_t)$ if the gates are constant",
                    True,
                ),
                (
                    "The gradient cannot vanish, whatever values the gates take on a long sequence of inputs",
                    False,
                ),
                (r"$h_t \in (-1, 1)^H$", True),
                ("The forget gate is a ReLU", False),
            ],
        ),
        choice(
            "Short ones",
            "Which values can $\\sigma(x)$ take?",
            [("$0$", False), ("$\\frac12$", True), ("$1$", False), ("$2$", False)],
        ),
        choice(
            "None right",
            "Which of these figures shows a CNN?",
            [("the left one", False), ("the right one", False), ("both", False)],
            NETWORK,
        ),
    ]
    shorts = [
        variant(
            "short",
            "Size",
            f"What is the output size?\n\n{TABLE}",
            part("", "", 3, ShapeKey(value=(8, 6, 6))),
        ),
        variant(
            "short",
            "Words",
            f"What is missing in this loop?\n\n{CODE}",
            part("", "", 2, TextKey(lines=3)),
        ),
        variant(
            "short",
            "Number",
            "Compute $\\ln 2$ of the sum.",
            part(
                "",
                "",
                1.5,
                NumericKey(value="2/3"),
                mistakes=(MistakeKey("slip", f"the {SECRET} slip", NumericKey(value="7919")),),
            ),
        ),
    ]
    longs = [
        variant(
            "long",
            f"Backpropagation {number}",
            "The network computes $y = W h$ with $h = \\tanh(V x)$.",
            part("a", "Compute $h$.", 3, MatrixKey(value=(("1", "2"), ("3", "7907")))),
            part(
                "b",
                "Derive $\\frac{\\partial y}{\\partial V}$.",
                4,
                ExpressionKey(
                    value="W*(1-h^2)*x",
                    symbols={"W": (-2.0, 2.0), "h": (-1.0, 1.0), "x": (-2.0, 2.0)},
                ),
            ),
            part("c", "Explain in words why the gradient vanishes.", 3, TextKey(lines=6)),
            figure=NETWORK,
        )
        for number in (1, 2)
    ]
    number = 0
    sections = []
    for title, kind, variants in (
        ("Multiple choice", "multiple_choice", choices),
        ("Short questions", "short", shorts),
        ("Long questions", "long", longs),
    ):
        questions = []
        for each in variants:
            number += 1
            questions.append(FormQuestion(number, each))
        sections.append(FormSection(title, kind, tuple(questions)))  # type: ignore[arg-type]
    return Form(
        title="Mock exam",
        course="Introduction to Deep Learning",
        label="B",
        language=language,  # type: ignore[arg-type]
        minutes=32.5,
        pass_mark=16,
        assignment="mock-7919",
        seed=7919,
        bank_version=SECRET,
        sections=tuple(sections),
    )


if __name__ == "__main__":
    from generator.render import render_exam, render_solutions

    for written in (render_exam(form()), render_solutions(form())):
        sys.stdout.write(hashlib.sha256(written).hexdigest() + "\n")
