"""`question-bank new`: a question file to be rewritten by its author; the check finds what was left as it is."""

from __future__ import annotations

import os
import re
from pathlib import Path

from authoring.json_schema import PUBLISHED, as_file
from authoring.placeholders import OBJECTIVE, SOURCE, TOPIC
from question_bank.diagnostics import Where, bad_input
from question_bank.files import write_whole

_HEAD = """\
# yaml-language-server: $schema={schema}
id: {id}
title: Number of weights
lecture: {lecture}
topic: {topic}
archetype: []  # of a course's bank, the kind of exam question: "3.1" (`question-bank stats` lists those that are missing)
type: {type}
points: {points}
minutes: {points}
difficulty: 2
objectives: [{objective}]
source: {source}
use: both  # practice, exam or both; the quiz never shows `exam`
"""

_DRAW = """\
parameters:
  inputs: {choice: [10, 20, 30, 40, 50, 60, 70, 80, 90]}
  outputs: {choice: [4, 5, 6, 7, 8, 9, 11, 12]}
let:
  weights: inputs * outputs
"""

_MISTAKES = """\
mistakes:
  - name: sum_instead_of_product
    set: {weights: inputs + outputs}
    why: Each of the inputs is connected with each of the outputs.
  - name: biases_counted
    set: {weights: (inputs + 1) * outputs}
    why: The biases were not asked for.
"""

_BODIES = {
    "short": _DRAW
    + """\
text: |
  A fully connected layer has {{ inputs }} inputs and {{ outputs }} outputs. How many **weights** (without biases) does it have?
answer: {type: numeric, value: weights}
"""
    + _MISTAKES
    + """\
solution: |
  Each output has one weight for each input: ${{ inputs }} \\cdot {{ outputs }} = {{ weights }}$.
verify: torch_linear_weights(inputs, outputs)
""",
    "multiple_choice": _DRAW
    + """\
text: |
  A fully connected layer has {{ inputs }} inputs and {{ outputs }} outputs. How many weights (without biases) does it have?
options:
  - {value: weights, correct: true}
  - {value: weights, correct: false, mistake: sum_instead_of_product}
  - {value: weights, correct: false, mistake: biases_counted}
  - {value: weights, correct: false, mistake: inputs_squared}
  - {value: weights, correct: false, mistake: outputs_squared}
  - {value: weights, correct: false, mistake: one_output_less}
  - {value: weights, correct: false, mistake: both_directions}
printed: 4  # the key and three others, so that the key stands at any place
"""
    + _MISTAKES
    + """\
  - name: inputs_squared
    set: {weights: inputs * inputs}
    why: The layer leads to the outputs, not back to the inputs.
  - name: outputs_squared
    set: {weights: outputs * outputs}
    why: The layer begins at the inputs, not at the outputs.
  - name: one_output_less
    set: {weights: inputs * (outputs - 1)}
    why: Each output has weights, the last one too.
  - name: both_directions
    set: {weights: 2 * inputs * outputs}
    why: A connection has one weight, which serves one direction.
solution: |
  Each output has one weight for each input: ${{ inputs }} \\cdot {{ outputs }} = {{ weights }}$.
verify: torch_linear_weights(inputs, outputs)
""",
    "long": _DRAW
    + """\
text: |
  A fully connected layer has {{ inputs }} inputs and {{ outputs }} outputs.
parts:
  - text: How many **weights** (without biases) does it have?
    points: 3
    answer: {type: numeric, value: weights}
    solution: "${{ inputs }} \\\\cdot {{ outputs }} = {{ weights }}$"
  - text: How many **bytes** do these weights take as 32-bit numbers?
    points: 3
    answer: {type: numeric, value: 4 * weights}
    carry: {weights: a}
    solution: "$4 \\\\cdot {{ weights }} = {{ 4 * weights }}$"
  - text: Why can such a layer not be applied to an input of another size?
    points: 2
    answer: {type: text, lines: 4}
    solution: Its weight matrix has one column for each input, so that the number of inputs is fixed.
    rubric:
      - {points: 2, earns: the size of the weight matrix depends on the number of inputs}
"""
    + _MISTAKES
    + """\
verify: {a: "torch_linear_weights(inputs, outputs)", b: "torch_linear_weights(inputs, outputs) * 4"}
""",
}
_POINTS = {"short": 2, "multiple_choice": 2, "long": 8}


def new_question(question_id: str, kind: str, lecture: int, schema: str = PUBLISHED.name) -> str:
    """The text of a question file to start from; `schema` is where editors find the JSON Schema, seen from the file."""
    head = _HEAD.format(
        schema=schema,
        id=question_id,
        lecture=lecture,
        topic=TOPIC,
        type=kind,
        points=_POINTS[kind],
        objective=OBJECTIVE,
        source=f'"{SOURCE}"',
    )
    return head + _BODIES[kind]


def write_new_question(question_id: str, kind: str, lecture: int, folder: Path) -> Path:
    """The new file's path; its folder is made. `folder` may also name the file itself.

    Raises InputError for a bad id, and for a file that is already there.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,60}", question_id):
        raise bad_input(
            "bad-id",
            f'"{question_id}" is no id',
            hint="3 to 61 lower-case letters, digits and _, a letter first, such as conv_output_size",
        )
    if folder.suffix in (".yaml", ".yml"):
        if folder.stem != question_id:
            raise bad_input(
                "file-name",
                f'a question file is named after its id "{question_id}"',
                where=Where(str(folder)),
                hint=f"-o {folder.with_name(question_id)}.yaml, or the folder alone",
            )
        folder = folder.parent
    target = folder / f"{question_id}.yaml"
    if target.exists():
        raise bad_input("exists", "is already there", where=Where(str(target)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise bad_input(
            "cannot-write",
            f"no folder can be made here: {error.strerror}",
            where=Where(str(folder)),
        ) from None
    schema = _schema_for(folder)
    write_whole(target, new_question(question_id, kind, lecture, schema))
    return target


def _schema_for(folder: Path) -> str:
    """The way from a folder to the JSON Schema: the course's bank has it, another gets a copy beside its questions."""
    course = PUBLISHED.parent.resolve()
    if course in folder.resolve().parents:
        return os.path.relpath(PUBLISHED, folder.resolve())
    if not (copy := folder / PUBLISHED.name).exists():
        write_whole(copy, as_file())
    return copy.name
