"""Small things that tests of several folders share."""

from __future__ import annotations

from question_bank.key import FormKey, KeyQuestion

CHAIN = """\
id: chain
title: Two steps
lecture: 4
topic: chain rule
type: long
difficulty: 1
objectives: [multiply, then add]
source: made for the tests
parameters:
  a: {choice: [2]}
  b: {choice: [3]}
let:
  product: a * b
  result: product + 1
  double: 2 * result
text: Let $a = {{ a }}$ and $b = {{ b }}$.
parts:
  - {text: What is $ab$?, points: 5, answer: {type: numeric, value: product}, solution: "${{ product }}$"}
  - {text: Add 1., points: 3, answer: {type: numeric, value: result}, carry: {product: a}, solution: "${{ result }}$"}
  - {text: Double it., points: 2, answer: {type: numeric, value: double}, carry: {result: b}, solution: "${{ double }}$"}
mistakes:
  - {name: added, set: {product: a + b}, why: "The two are multiplied, not added."}
  - {name: forgotten, set: {result: product}, why: "The 1 is missing."}
verify: {a: "torch_linear_weights(a, b)", b: "torch_linear_weights(a, b) + 1", c: "torch_linear_weights(a, b) * 2 + 2"}
"""


def form_key(questions: list[KeyQuestion]) -> FormKey:
    """A key of form A over the given questions."""
    total = sum(question.points for question in questions)
    return FormKey(
        assignment="mock-exam",
        title="Mock exam",
        form="A",
        language="en",
        total_points=total,
        pass_mark=total / 2,
        bank_version="0",
        seed=1,
        questions=tuple(questions),
    )
