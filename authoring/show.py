"""One variant, for its author: everything that the paper, the key and the solution hold."""

from __future__ import annotations

from typing import Any

from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.effort import question_work
from question_bank.key import key_question
from question_bank.schema import Question
from question_bank.variant import Part, Variant
from question_bank.wording import counted
from templates.richtext import to_terminal


def as_data(question: Question, variant: Variant) -> dict[str, Any]:
    """The variant as it would stand in key.json, with its figures."""
    figures = [variant.figure, *(part.figure for part in variant.parts)]
    work = question_work(question, variant.parameters)
    return key_question(1, variant).model_dump(mode="json") | {
        "work": {"operations": work.operations, "digits": work.digits},
        "figures": [{"name": f.name, "args": f.args, "alt": f.alt} for f in figures if f],
    }


def as_text(question: Question, variant: Variant) -> str:
    """The variant as readable text."""
    head = f"{variant.question_id} (seed {variant.seed}): {variant.title}, {counted(variant.points, 'point')}"
    lines = [head, "=" * len(head), "", to_terminal(variant.text)]
    if variant.figure:
        lines += ["", f"[figure {variant.figure.name}: {variant.figure.alt}]"]
    for part in variant.parts:
        lines += ["", *_part(part)]
    if variant.let:
        work = question_work(question, variant.parameters)
        lines += [
            "",
            f"Hand-work: {counted(work.operations, 'operation')}, {counted(work.digits, 'digit')}",
        ]
    if variant.solution:
        lines += ["", "Solution", "--------", to_terminal(variant.solution)]
    return "\n".join(lines)


def _part(part: Part) -> list[str]:
    lines = []
    if part.label:
        lines.append(f"{part.label}) ({counted(part.points, 'point')}) {to_terminal(part.text)}")
    elif part.text:
        lines.append(to_terminal(part.text))
    if part.figure:
        lines.append(f"[figure {part.figure.name}: {part.figure.alt}]")
    if isinstance(part.answer, MultipleChoiceKey):
        for letter, option in zip(part.answer.letters, part.answer.options, strict=True):
            sign = "x" if option.correct else " "
            lines.append(f"[{sign}] {letter}) {to_terminal(option.text)}")
            if option.why:
                lines.append(f"       {to_terminal(option.why)}")
        return lines
    kind = answer_type(part.answer.type)
    shown = to_terminal(kind.render(part.answer)) or "a person marks it"
    lines.append(f"Key: {shown}  ({kind.instruction(part.answer)})")
    for mistake in part.mistakes:
        shown = to_terminal(answer_type(mistake.answer.type).render(mistake.answer))
        lines.append(f"  {mistake.name} -> {shown}: {to_terminal(mistake.why)}")
    lines += [f"  {line.points:g} p: {to_terminal(line.earns)}" for line in part.rubric]
    if part.solution:
        lines.append(to_terminal(part.solution))
    return lines
