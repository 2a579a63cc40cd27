"""key.json: what marks a form without the bank, and the marking of a whole form.

A later part is also marked against what follows from the student's own earlier answers (error carried forward):
the key keeps the derived values of each question as expressions, so that they can be computed again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_serializer,
    field_validator,
    model_serializer,
)

from question_bank.answers import answer_types, key_from
from question_bank.answers.base import Key, Printed
from question_bank.answers.marking import NOTHING, Mark, MistakeKey, mark
from question_bank.answers.sound_key import check_key
from question_bank.carry import carried_forward
from question_bank.diagnostics import Where, bad_input
from question_bank.grammar.exact import Value, exact
from question_bank.mistakes import with_slips
from question_bank.schema import Type, share
from question_bank.variant import Variant

SCHEMA_VERSION = 1


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class KeyMistake(_Model):
    """A named mistake with the value that it leads to, what it overrides, and the share of the points it leaves."""

    name: str
    why: str
    answer: dict[str, Any]
    set: dict[str, str] = Field(default_factory=dict)
    credit: str = "0"

    @field_validator("credit")
    @classmethod
    def _share(cls, credit: str) -> str:
        return str(share(credit))

    @model_serializer(mode="wrap")
    def _short(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        return {k: v for k, v in data.items() if (k, v) not in (("set", {}), ("credit", "0"))}


class KeyCondition(_Model):
    """What must hold of values that are carried forward, and the sentence on why it must."""

    holds: str
    why: str


class KeyRubricLine(_Model):
    """What earns points where a person marks."""

    points: float
    earns: str


class KeyPart(_Model):
    """One answer: its key, the author's spec to bind it again, and what it builds on.

    The last two correct a key that was found wrong after the exam: `accept` lists answers that are
    right as well, each like `answer`; `void` withdraws the part, and everybody gets its points.
    """

    label: str
    text: str
    points: float
    answer: dict[str, Any]
    spec: dict[str, Any] | None = None
    carry: dict[str, str] = Field(default_factory=dict)
    carry_credit: str = "1"
    mistakes: tuple[KeyMistake, ...] = ()
    solution: str = ""
    rubric: tuple[KeyRubricLine, ...] = ()
    accept: tuple[dict[str, Any], ...] = ()
    void: bool = False

    @field_validator("answer")
    @classmethod
    def _known(cls, answer: dict[str, Any]) -> dict[str, Any]:
        _check_known(answer)
        check_key(answer)
        return answer

    @field_validator("carry_credit")
    @classmethod
    def _share(cls, credit: str) -> str:
        return str(share(credit))

    @field_validator("accept")
    @classmethod
    def _all_known(cls, answers: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        for answer in answers:
            _check_known(answer)
            check_key(answer, by_hand=True)
        return answers

    @model_serializer(mode="wrap")
    def _corrections_only_where_there_are(
        self, plain: SerializerFunctionWrapHandler
    ) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        if data["carry_credit"] == "1":
            del data["carry_credit"]
        return {k: v for k, v in data.items() if k not in ("accept", "void") or v}

    @property
    def key(self) -> Key:
        """The key as the model of its answer type."""
        return key_from(self.answer)

    @property
    def mistake_keys(self) -> tuple[MistakeKey, ...]:
        return tuple(MistakeKey(m.name, m.why, key_from(m.answer)) for m in self.mistakes)


def _check_known(answer: dict[str, Any]) -> None:
    if answer.get("type") not in answer_types():
        raise ValueError(f"there is no answer type {answer.get('type')!r}")


class KeyQuestion(_Model):
    """One printed question; `number` is the printed one."""

    number: int
    id: str
    seed: int
    type: Type
    title: str
    lecture: int
    topic: str
    points: float
    text: str
    solution: str
    parameters: dict[str, Any]
    let: dict[str, str]
    possible: tuple[KeyCondition, ...] = ()
    parts: tuple[KeyPart, ...]

    @model_serializer(mode="wrap")
    def _conditions_only_where_there_are(
        self, plain: SerializerFunctionWrapHandler
    ) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        return {k: v for k, v in data.items() if k != "possible" or v}

    def printed(self, part: KeyPart) -> Printed:
        """What a student reads who answers this part, what stands nearest first."""
        return Printed((part.text, self.text))

    @field_serializer("parameters")
    def _plain(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return {name: _encoded(value) for name, value in parameters.items()}

    @field_validator("parameters", mode="before")
    @classmethod
    def _exact(cls, parameters: Any) -> Any:
        if not isinstance(parameters, dict):
            return parameters
        return {name: _decoded(value) for name, value in parameters.items()}


class FormKey(_Model):
    """The key of one form of an exam (an assignment)."""

    schema_version: Literal[1] = 1
    assignment: str
    title: str
    form: str
    language: str
    total_points: float
    pass_mark: float
    bank_version: str
    seed: int
    questions: tuple[KeyQuestion, ...]

    def labels(self) -> dict[str, tuple[KeyQuestion, KeyPart]]:
        """Every printed answer label ("1", "4a") with its question and part, in printed order."""
        return {
            f"{question.number}{part.label}": (question, part)
            for question in self.questions
            for part in question.parts
        }


def key_question(number: int, variant: Variant) -> KeyQuestion:
    """A variant as it stands in a key, under its printed number."""
    parts = tuple(
        KeyPart(
            label=part.label,
            text=part.text,
            points=part.points,
            answer=part.answer.model_dump(mode="json"),
            spec=None if part.spec is None else part.spec.model_dump(mode="json"),
            carry=part.carry,
            carry_credit=part.carry_credit,
            mistakes=tuple(
                KeyMistake(
                    name=m.name,
                    why=m.why,
                    answer=m.answer.model_dump(mode="json"),
                    set=variant.mistakes[m.name].set,
                    credit=variant.mistakes[m.name].credit,
                )
                for m in part.mistakes
            ),
            solution=part.solution,
            rubric=tuple(KeyRubricLine(points=r.points, earns=r.earns) for r in part.rubric),
        )
        for part in variant.parts
    )
    return KeyQuestion(
        number=number,
        id=variant.question_id,
        seed=variant.seed,
        type=variant.type,
        title=variant.title,
        lecture=variant.lecture,
        topic=variant.topic,
        points=variant.points,
        text=variant.text,
        solution=variant.solution,
        parameters=variant.parameters,
        let=variant.let,
        possible=tuple(KeyCondition(holds=c.holds, why=c.why) for c in variant.possible),
        parts=parts,
    )


def dumps(key: FormKey) -> str:
    """key.json: the same key, the same text."""
    return json.dumps(key.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def loads(text: str, file: str) -> FormKey:
    """A key from the text of key.json. Raises InputError."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or "questions" not in data:
            raise bad_input("not-a-key", "is no key.json of mockexam", where=Where(file))
        if data.get("schema_version") != SCHEMA_VERSION:
            raise bad_input(
                "key-version",
                f"has schema version {data.get('schema_version')!r}; this program reads {SCHEMA_VERSION}",
                where=Where(file),
            )
        return FormKey.model_validate(data)
    except json.JSONDecodeError as error:
        raise bad_input(
            "not-a-key", f"is not JSON: {error.msg}", where=Where(file, error.lineno, error.colno)
        ) from None
    except RecursionError:
        raise bad_input("not-a-key", "is nested too deep", where=Where(file)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = _place(data, first["loc"])
        raise bad_input("bad-key", f"{place}: {first['msg']}", where=Where(file)) from None


def _place(data: dict[str, Any], at: tuple[int | str, ...]) -> str:
    """A place in a key as people name it: question 4, part a, accept."""
    try:
        question = data["questions"][at[1]]
        said = [f"question {question['number']}"]
        said += [f"part {question['parts'][at[3]]['label'] or 1}"] if at[2:3] == ("parts",) else []
        rest = at[4:] if at[2:3] == ("parts",) else at[2:]
    except (KeyError, IndexError, TypeError):
        return ".".join(map(str, at))
    return ", ".join([*said, *map(str, rest)])


def _encoded(value: Value) -> Any:
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    return value


def _decoded(value: Any) -> Value:
    if isinstance(value, dict):
        return Fraction(str(value["fraction"]))
    if isinstance(value, (list, tuple)):
        return tuple(_decoded(item) for item in value)
    return exact(value)


@dataclass(frozen=True)
class MarkedAnswer:
    """The mark of one printed answer; `points` are earned of `max_points`.

    `follows` is the answer that follows from the student's own answers to `carried_from`; `slip` the named mistake
    (or two) that leads to this answer, by the key alone.
    """

    label: str
    question: KeyQuestion
    part: KeyPart
    mark: Mark
    carried_from: tuple[str, ...] = ()
    follows: Key | None = None
    slip: str | None = None
    corrected: bool = False  # right by a correction of the key, whatever the key itself says

    @property
    def max_points(self) -> float:
        return self.part.points

    @property
    def points(self) -> float:
        return float(round(Fraction(self.part.points) * self.mark.fraction, 4))


def mark_answers(key: FormKey, answers: Mapping[str, str]) -> list[MarkedAnswer]:
    """Every printed answer of the form, marked; answers that are not there are not answered.

    A fault of ours in one answer makes that one undecided, and never the others.
    """
    marked: list[MarkedAnswer] = []
    for question in key.questions:
        marked += mark_question(question, answers)
    return marked


def mark_question(
    question: KeyQuestion, answers: Mapping[str, str], chosen: Mapping[str, str] | None = None
) -> list[MarkedAnswer]:
    """The answers to one question, part by part.

    `chosen` holds, by label, the reading (of an earlier mark's `ask`) that was meant.
    """
    marked: list[MarkedAnswer] = []
    for part in question.parts:
        label = f"{question.number}{part.label}"
        text = answers.get(label, "")
        try:
            reading = None if chosen is None else chosen.get(label)
            own = mark(part.key, text, part.mistake_keys, reading, question.printed(part))
            answer = MarkedAnswer(label, question, part, own)
            found = with_slips(question, part, text, answer.mark)
            answer = replace(answer, mark=found, slip=found.mistake)
            if part.carry and answer.mark.verdict in ("wrong", "partly_right"):
                answer = carried_forward(answer, text, marked)
            answer = _by_corrections(answer, text)
        except Exception as error:  # noqa: BLE001 - our fault in one answer must not cost the others
            fault = f"could not be marked, which is our fault ({type(error).__name__}); a person looks at it"
            answer = MarkedAnswer(label, question, part, Mark("undecided", NOTHING, fault))
        marked.append(answer)
    return marked


def _by_corrections(answer: MarkedAnswer, text: str) -> MarkedAnswer:
    """The answer as a corrected key wants it: never worse than without the correction."""
    own = answer.mark
    if answer.part.void:
        message = "this was withdrawn: everybody gets its points"
        full = Mark("right", Fraction(1), message, own.read_as, None, own.reading)
        return replace(answer, mark=full, corrected=own.verdict != "right")
    if own.verdict == "right" or not text.strip():
        return answer
    for accepted in answer.part.accept:
        also = mark(key_from(accepted), text, printed=answer.question.printed(answer.part))
        if also.verdict == "right":
            message = "accepted: the key was corrected"
            reading = own.reading or also.reading
            found = Mark("right", Fraction(1), message, also.read_as, None, reading)
            return replace(answer, mark=found, corrected=True)
    return answer
