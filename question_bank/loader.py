"""Question files to questions. Every error of a file is reported at once, with its place and a cure."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from question_bank.answers import answer_type, answer_types
from question_bank.answers.base import Spec
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.grammar.nodes import Node, calls_in, names_in
from question_bank.grammar.syntax import GrammarError, parse_author
from question_bank.schema import Figure, Question
from question_bank.strict_yaml import Located, load_typed, read_text
from question_bank.text import TemplateFault, check_template

M = TypeVar("M", bound=BaseModel)

COURSE_BANK = Path(__file__).parent / "lectures"


@dataclass(frozen=True)
class Bank:
    """The questions of one or several folders, ordered by lecture and id, and where each stands."""

    questions: Mapping[str, Question]
    files: Mapping[str, Path]
    version: str

    def question(self, question_id: str) -> Question:
        """The question with this id. Raises InputError with the closest id."""
        if question_id not in self.questions:
            raise bad_input(
                "unknown-question",
                f'there is no question "{question_id}"',
                hint=did_you_mean(question_id, self.questions)
                or "`question-bank list` shows them all",
            )
        return self.questions[question_id]


def load_bank(folders: Sequence[Path] | None = None) -> Bank:
    """Every question below the folders (default: the course's bank). Raises InputError with all errors."""
    findings: list[Diagnostic] = []
    questions: dict[str, Question] = {}
    files: dict[str, Path] = {}
    digest = hashlib.sha256()
    for file in question_files(folders):
        try:
            content, question = _read(file)
        except InputError as error:
            findings += error.diagnostics
            continue
        if question.id in questions:
            findings.append(
                Diagnostic(
                    "duplicate-id",
                    f'the id "{question.id}" is taken by {shown(files[question.id])}',
                    Where(shown(file), 1, 1),
                    "give one of the two another id (and file name)",
                )
            )
            continue
        questions[question.id], files[question.id] = question, file
        digest.update(f"{question.id}:{content}\n".encode())
    if findings:
        raise InputError(*findings)
    ordered = sorted(questions.values(), key=lambda q: (q.lecture, q.id))
    return Bank({q.id: q for q in ordered}, files, digest.hexdigest()[:16])


def question_files(folders: Sequence[Path] | None = None) -> list[Path]:
    """The question files below the folders; a folder that is not there is an InputError."""
    found: set[Path] = set()
    for folder in folders or [COURSE_BANK]:
        if not folder.is_dir():
            raise bad_input(
                "no-bank",
                "is no folder",
                where=Where(str(folder)),
                hint="--bank names a folder with question files (*.yaml)",
            )
        found.update(path for path in folder.rglob("*.yaml") if path.is_file())
    if not found:
        raise bad_input("no-bank", "holds no question files (*.yaml)", where=Where(str(folder)))
    return sorted(found, key=lambda path: (path.name, str(path)))


def load_question(file: Path) -> Question:
    """One question file. Raises InputError with every error of it."""
    return _read(file)[1]


@lru_cache(maxsize=4096)
def _parse_cached(file: str, stem: str, text: str) -> Question:
    return parse_question(text, file, stem)


def _read(file: Path) -> tuple[str, Question]:
    text = read_text(file, shown(file))
    return hashlib.sha256(text.encode()).hexdigest(), _parse_cached(shown(file), file.stem, text)


def shown(file: Path) -> str:
    """A path as people see it: relative to here where it lies below."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)


def parse_question(text: str, file: str, stem: str | None = None) -> Question:
    """A question from the text of its file. Raises InputError with every error of it."""
    located = load_typed(text, file)
    if not isinstance(located.data, dict):
        raise bad_input("not-a-question", "is no question file", where=Where(file, 1, 1))
    question = validated(Question, located)
    findings = list(_unresolved(question, located))
    if stem is not None and question.id != stem:
        findings.append(
            Diagnostic(
                "file-name",
                f'the id "{question.id}" is not the name of the file',
                located.where(("id",)),
                f"rename the file to {question.id}.yaml",
            )
        )
    if findings:
        raise InputError(*findings)
    return question


def validated(model: type[M], located: Located) -> M:
    """A pydantic model from located data; its errors as diagnostics with places and cures."""
    try:
        return model.model_validate(located.data)
    except ValidationError as error:
        raise InputError(
            *(_diagnostic(model, located, detail) for detail in error.errors(include_url=False))
        ) from None


def _diagnostic(model: type[BaseModel], located: Located, detail: Any) -> Diagnostic:
    path = _path_in(located.data, detail["loc"])
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    kind, message = detail["type"], str(detail["msg"]).removeprefix("Value error, ")
    where = located.where(path)
    shown_key = ".".join(str(step) for step in path)
    if kind == "extra_forbidden":
        hint = did_you_mean(key, _fields_at(model, detail["loc"][:-1]))
        return Diagnostic("unknown-key", f'"{key}"', located.where_key(path), hint)
    if kind == "missing":
        return Diagnostic("missing-key", f'"{key}" is missing here', where)
    if kind == "union_tag_invalid":
        tag = str(detail.get("ctx", {}).get("tag", ""))
        hint = did_you_mean(tag, answer_types()) or "known: " + ", ".join(sorted(answer_types()))
        return Diagnostic("unknown-answer-type", f'there is no answer type "{tag}"', where, hint)
    if kind == "union_tag_not_found":
        return Diagnostic("missing-key", f'{shown_key}: "type" is missing', where)
    value = detail.get("input")
    seen = f" (found: {_abbreviated(value)})" if isinstance(value, (str, int, float)) else ""
    code = "bad-value" if kind != "value_error" else "bad-question"
    prefix = f"{shown_key}: " if shown_key else ""
    return Diagnostic(code, f"{prefix}{message}{seen}", where)


def _abbreviated(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _path_in(data: Any, loc: Iterable[str | int]) -> tuple[str | int, ...]:
    """The path of the data below an error's location: names of union members are left out."""
    path: list[str | int] = []
    for step in loc:
        inside = step in data if isinstance(data, dict) else step in range(_length(data))
        if inside:
            data = data[step]
            path.append(step)
    return tuple(path)


def _length(data: Any) -> int:
    return len(data) if isinstance(data, list) else 0


def _fields_at(model: Any, loc: Sequence[str | int]) -> list[str]:
    """The keys that a model knows at a location (for "did you mean")."""
    candidates: list[Any] = [model]
    for step in loc:
        candidates = [inner for outer in candidates for inner in _below(outer, step)]
    return [name for m in _models(candidates) for name in m.model_fields]


def _below(annotation: Any, step: str | int) -> list[Any]:
    found: list[Any] = []
    for model in _models([annotation]):
        if isinstance(step, str) and step in model.model_fields:
            found.append(model.model_fields[step].annotation)
        elif isinstance(step, str) and "type" in model.model_fields:
            # The name of the union member: pydantic's location holds the answer type's kind.
            literal = get_args(model.model_fields["type"].annotation)
            found += [model] if step in literal else []
    origin = get_origin(annotation)
    if origin in (dict, tuple, list, Mapping):
        found += [arg for arg in get_args(annotation) if arg not in (str, Ellipsis)]
    if origin in (Union, types.UnionType):
        found += [inner for arg in get_args(annotation) for inner in _below(arg, step)]
    return found


def _models(annotations: Iterable[Any]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found.append(annotation)
        elif get_origin(annotation) is not None:
            found += _models(get_args(annotation))
    return found


def _unresolved(question: Question, located: Located) -> Iterator[Diagnostic]:
    """Names, functions and labels that nothing defines."""
    known = set(question.parameters)
    for name, expression in question.let.items():
        if name in known:
            yield Diagnostic(
                "duplicate-name", f'"{name}" is already defined', located.where(("let", name))
            )
        yield from _expression(expression, known, located, ("let", name))
        known.add(name)
    for i, condition in enumerate(question.require):
        yield from _expression(condition, known, located, ("require", i))
    yield from _texts(question, known, located)
    yield from _figure(question.figure, known, located, ("figure",))
    yield from _mistakes(question, known, located)
    yield from _options(question, known, located)
    yield from _answers(question, known, located)


def _texts(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    for key in ("text", "solution"):
        yield from _template(getattr(question, key), known, located, (key,))
    for i, line in enumerate(question.rubric):
        yield from _template(line.earns, known, located, ("rubric", i, "earns"))
    for p, part in enumerate(question.parts):
        yield from _template(part.text, known, located, ("parts", p, "text"))
        yield from _template(part.solution, known, located, ("parts", p, "solution"))
        yield from _figure(part.figure, known, located, ("parts", p, "figure"))
        for i, line in enumerate(part.rubric):
            yield from _template(line.earns, known, located, ("parts", p, "rubric", i, "earns"))


def _mistakes(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for i, mistake in enumerate(question.mistakes):
        place = ("mistakes", i)
        if mistake.name in seen:
            yield Diagnostic(
                "duplicate-name",
                f'a second mistake "{mistake.name}"',
                located.where((*place, "name")),
            )
        seen.add(mistake.name)
        for name, expression in mistake.set.items():
            if name not in known:
                yield Diagnostic(
                    "unknown-name",
                    f'the mistake changes "{name}", which is neither a parameter nor a let',
                    located.where((*place, "set", name)),
                    did_you_mean(name, known),
                )
            yield from _expression(expression, known, located, (*place, "set", name))
        yield from _template(mistake.why, known | {"wrong"}, located, (*place, "why"))


def _options(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    mistakes = {mistake.name for mistake in question.mistakes}
    for i, option in enumerate(question.options):
        place = ("options", i)
        yield from _template(option.text, known, located, (*place, "text"))
        yield from _template(option.why, known, located, (*place, "why"))
        if option.value is not None:
            yield from _expression(option.value, known, located, (*place, "value"))
        if isinstance(option.correct, str):
            yield from _expression(option.correct, known, located, (*place, "correct"))
        if option.mistake is not None and option.mistake not in mistakes:
            yield Diagnostic(
                "unknown-mistake",
                f'there is no mistake "{option.mistake}"',
                located.where((*place, "mistake")),
                did_you_mean(option.mistake, mistakes),
            )
    valued = sum(option.value is not None for option in question.options)
    if valued not in (0, len(question.options)):
        yield Diagnostic(
            "mixed-options", "either all options have a value, or none", located.where(("options",))
        )


def _answers(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    asked: list[tuple[tuple[str | int, ...], Spec]] = [
        (("parts", i), part.answer) for i, part in enumerate(question.parts)
    ]
    if question.answer is not None:
        asked.append(((), question.answer))
    for place, spec in asked:
        path = (*place, "answer", "value")
        try:
            read = answer_type(spec.type).names(spec)
        except GrammarError as error:
            yield Diagnostic("bad-expression", str(error), located.where(path), error.hint)
        except TemplateFault as fault:
            yield Diagnostic("template", fault.message, located.where(path))
        else:
            yield from _unknown(read, known, located, path)
        if spec.type == "text":
            yield from _rubric(question, place, located)
    for p, part in enumerate(question.parts):
        for name, label in part.carry.items():
            path = ("parts", p, "carry", name)
            yield from _unknown({name}, known, located, path)
            if label not in question.labels[:p]:
                yield Diagnostic(
                    "unknown-part",
                    f'"{label}" is no earlier part',
                    located.where(path),
                    f"earlier parts: {', '.join(question.labels[:p]) or 'none'}",
                )
    for label in question.verify:
        if label not in question.labels:
            yield Diagnostic(
                "unknown-part",
                f'"{label}" is no part of this question',
                located.where(("verify", label)),
            )


def _rubric(
    question: Question, place: tuple[str | int, ...], located: Located
) -> Iterator[Diagnostic]:
    asked: Any = question.parts[int(place[1])] if place else question
    total = sum(line.points for line in asked.rubric)
    if total != asked.points:
        yield Diagnostic(
            "rubric-points",
            f"the rubric gives {total:g} points where {asked.points:g} are to be had",
            located.where((*place, "rubric") if asked.rubric else (*place, "answer")),
            "a text answer needs a rubric whose points add up to the question's",
        )


def _figure(
    figure: Figure | None, known: set[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    if figure is None:
        return
    yield from _template(figure.alt, known, located, (*path, "alt"))
    for place, expression in expressions_in(figure.args, (*path, "args")):
        yield from _expression(expression, known, located, place)


def expressions_in(
    args: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every expression below a figure's arguments, with its path; texts in double quotes are templates."""
    if isinstance(args, dict):
        for key, value in args.items():
            yield from expressions_in(value, (*path, key))
    elif isinstance(args, list):
        for i, value in enumerate(args):
            yield from expressions_in(value, (*path, i))
    elif isinstance(args, str) and not is_template(args):
        yield path, args


def is_template(text: str) -> bool:
    """A figure's label: text with $math$ or {{ values }} is filled in, all other text is an expression."""
    return "$" in text or "{{" in text


def _template(
    source: str | None, known: set[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    if source is None:
        return
    try:
        yield from _unknown(check_template(source), known, located, path)
    except TemplateFault as fault:
        where = located.where(path)
        if fault.line > 1 and where.line is not None:
            where = Where(where.file, where.line + fault.line)
        yield Diagnostic("template", fault.message, where)


def _expression(
    expression: str, known: set[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    from question_bank.derive import functions

    try:
        node: Node = parse_author(expression)
    except GrammarError as error:
        yield Diagnostic(
            "bad-expression", f'"{expression}": {error}', located.where(path), error.hint
        )
        return
    yield from _unknown(names_in(node), known, located, path)
    for call in calls_in(node):
        if call.function not in functions():
            yield Diagnostic(
                "unknown-function",
                f'there is no function "{call.function}"',
                located.where(path),
                did_you_mean(call.function, functions())
                or "`question-bank solve --list` shows them",
            )


def _unknown(
    read: Iterable[str], known: Iterable[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    for name in sorted(set(read) - set(known)):
        yield Diagnostic(
            "unknown-name",
            f'nothing is named "{name}"',
            located.where(path),
            did_you_mean(name, known) or "define it under parameters or let (before it is used)",
        )
