"""Question files to questions. Every error of a file is reported at once, with its place and a cure."""

from __future__ import annotations

import contextlib
import hashlib
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Field, PydanticUserError, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from question_bank.answers import answer_type, answer_types
from question_bank.answers.base import Spec
from question_bank.diagnostics import (
    Diagnostic,
    InputError,
    Where,
    bad_input,
    closest,
    did_you_mean,
)
from question_bank.grammar.nodes import Node, calls_in, names_in
from question_bank.grammar.syntax import GrammarError, parse_author
from question_bank.schema import Figure, Question, filled_in
from question_bank.strict_yaml import Located, Steps, load_leniently, read_text
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
    located = load_leniently(text, file)
    if not isinstance(located.data, dict):
        raise InputError(
            *located.faults
            or [Diagnostic("not-a-question", "is no question file", Where(file, 1, 1))]
        )
    meant, misspelt = _as_meant(Question, located)
    findings = [*located.faults, *misspelt]
    try:
        question = Question.model_validate(meant.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        question = _salvaged(Question, replace(meant, data=filled_in(meant.data)), details)
        findings += _new(_schema_findings(Question, meant, details), findings)
        wrong = [*_faulty(meant, details), *meant.unclear, *meant.doubled]
        missing = [detail["loc"] for detail in details if detail["type"] == "missing"]
        faulty = {str(path[0]) for path in [*wrong, *missing] if path}
        for keys, message in question.shape_faults():
            if not faulty & {*keys}:
                place = next(((key,) for key in keys if key in meant.data), ())
                findings.append(Diagnostic("bad-question", message, meant.where_key(place)))
    open_ended = _untellable(meant.data)
    unresolved = [d for d in _unresolved(question, meant) if d.code not in open_ended]
    findings += _new(unresolved, findings)
    if stem is not None and question.id not in (stem, None):
        named = Diagnostic(
            "file-name",
            f'the id "{question.id}" is not the name of the file',
            meant.where(("id",)),
            f"rename the file to {question.id}.yaml",
        )
        findings += _new([named], findings)
    if findings:
        raise InputError(*sorted(findings, key=_line))
    return question


def _untellable(data: dict[str, Any]) -> set[str]:
    """Findings that say nothing where the section that defines the names cannot be read at all."""
    defining = {
        "parameters": (dict, "unknown-name"),
        "let": (dict, "unknown-name"),
        "mistakes": (list, "unknown-mistake"),
        "parts": (list, "unknown-part"),
    }
    return {
        code
        for section, (kind, code) in defining.items()
        if section in data and not isinstance(data[section], kind)
    }


def _line(finding: Diagnostic) -> int:
    return (finding.where.line or 0) if finding.where else 0


def _new(found: Iterable[Diagnostic], reported: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What is not said of a place already: one fault has one finding, the earliest."""
    places = {d.where for d in reported if d.code != "missing-key"}
    return [diagnostic for diagnostic in found if diagnostic.where not in places]


def _as_meant(model: type[BaseModel], located: Located) -> tuple[Located, list[Diagnostic]]:
    """The data with misspelt sections under the name that was meant, and a finding for each of them.

    Reading `mistake:` as `mistakes:` keeps one wrong letter from a tail of errors about what is missing.
    """
    findings: list[Diagnostic] = []
    renamed: dict[str, str] = {}
    for key in located.data:
        absent = set(model.model_fields) - set(located.data) - set(renamed.values())
        meant = closest(key, absent)
        if key in model.model_fields or meant is None:
            continue
        renamed[key] = meant
        hint = did_you_mean(key, [meant])
        findings.append(Diagnostic("unknown-key", f'"{key}"', located.where_key((key,)), hint))

    def moved(path: Steps) -> Steps:
        return (renamed.get(str(path[0]), path[0]), *path[1:]) if path else path

    return (
        replace(
            located,
            data={renamed.get(key, key): value for key, value in located.data.items()},
            places={moved(path): place for path, place in located.places.items()},
            keys={moved(path): place for path, place in located.keys.items()},
            typed={moved(path): text for path, text in located.typed.items()},
            unclear=frozenset(moved(path) for path in located.unclear),
            doubled={moved(path): words for path, words in located.doubled.items()},
        ),
        findings,
    )


def _faulty(located: Located, details: Iterable[Any]) -> set[Steps]:
    """The values with an error of their own; a missing or unknown key is no error of its surroundings."""
    wrong = (d for d in details if d["type"] not in ("missing", "extra_forbidden"))
    return {_path_in(located.data, detail["loc"]) for detail in wrong}


def _salvaged(model: type[M], located: Located, details: Iterable[Any]) -> M:
    """The model with what is right in the data; None, or nothing, stands where something is wrong.

    Only for looking for further errors: pydantic promises nothing about its fields.
    """
    faulty = _faulty(located, details)

    def salvage(annotation: Any, value: Any, path: Steps) -> Any:
        plain = _without_extras(annotation)
        if isinstance(value, dict) and (inner := _model_in(plain)) is not None:
            return construct(inner, value, path)
        if isinstance(value, list) and get_origin(plain) is tuple:
            item = get_args(plain)[0]
            entry = _model_in(_without_extras(item))
            return tuple(
                construct(entry, {}, (*path, i))  # no entry at all, but the next keep their places
                if entry is not None and not isinstance(v, dict)
                else salvage(item, v, (*path, i))
                for i, v in enumerate(value)
            )
        if isinstance(value, dict) and get_origin(plain) is dict:
            item = get_args(plain)[1]
            return {key: salvage(item, v, (*path, key)) for key, v in value.items()}
        touched = any(path[: len(p)] == p or p[: len(path)] == path for p in faulty if p)
        if not touched and not any(path[: len(p)] == p for p in located.unclear):
            # Domains name each other before they are defined: such a type cannot be read alone.
            with contextlib.suppress(ValidationError, PydanticUserError):
                return TypeAdapter(annotation).validate_python(value)
        return _nothing(plain)

    def construct(inner: type[BaseModel], data: dict[str, Any], path: Steps) -> Any:
        fields = {
            name: salvage(_annotation(field), data[name], (*path, name))
            if name in data
            else _nothing(_without_extras(field.annotation))
            for name, field in inner.model_fields.items()
            if name in data or field.is_required()
        }
        return inner.model_construct(**fields)

    question: M = construct(model, located.data, ())
    return question


def _annotation(field: FieldInfo) -> Any:
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _without_extras(annotation: Any) -> Any:
    """An annotation without the metadata of Annotated."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation allows, if it is the only one and needs no tag to be told apart."""
    if get_origin(annotation) in (tuple, dict):
        return None
    found = _models([annotation])
    return found[0] if len(found) == 1 else None


def _nothing(annotation: Any) -> Any:
    return {tuple: (), dict: {}}.get(get_origin(annotation))


def _schema_findings(
    model: type[BaseModel], located: Located, details: Sequence[Any]
) -> Iterator[Diagnostic]:
    """Schema errors in our words, one for each place, without those that follow from another."""
    told: dict[Steps, list[Any]] = {}
    for detail in details:
        path = _path_in(located.data, detail["loc"])
        if any(path[: len(p)] == p for p in located.unclear):
            continue
        if detail["type"] in ("missing", "extra_forbidden", *_TAGS):
            if not _follows(detail, located, details):
                yield _diagnostic(model, located, detail)
        elif detail["loc"]:  # what is wrong with a question as a whole comes from `shape_faults`
            told.setdefault(path, []).append(detail)
    deep = {_path_in(located.data, d["loc"])[:-1] for d in details if d["loc"]}
    for path, same in told.items():
        # A mapping that is the wrong mapping is not also "no text": the other way to write it was meant.
        only_kinds = all(detail["type"] in _EXPECTED for detail in same)
        if isinstance(same[0]["input"], dict) and path in deep and only_kinds:
            continue
        yield _in_our_words(model, located, path, same)


_TAGS = ("union_tag_invalid", "union_tag_not_found")


def _follows(detail: Any, located: Located, details: Sequence[Any]) -> bool:
    # Points come from the parts, and minutes from the points, where they are left out.
    if detail["type"] != "missing":
        return False
    above = {"minutes": ("points", "parts"), "points": ("parts",)}.get(str(detail["loc"][-1]), ())
    others = [d["loc"] for d in details if d is not detail and d["loc"]]
    unclear = [path for path in located.unclear if path]
    return len(detail["loc"]) == 1 and any(loc[0] in above for loc in [*others, *unclear])


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "keys with values (key: value)",
    "model_type": "keys with values (key: value)",
    "model_attributes_type": "keys with values (key: value)",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "string_pattern_mismatch": "text of another form",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
}


def _in_our_words(
    model: type[BaseModel], located: Located, path: Steps, details: Sequence[Any]
) -> Diagnostic:
    first, name = details[0], ".".join(str(step) for step in path)
    annotations = _annotations_at(model, first["loc"])
    found = located.typed.get(path) or _kind_of(first["input"])
    found = found if len(found) <= 60 else found[:57] + "..."
    if first["type"] == "value_error":
        said = str(first["msg"]).removeprefix("Value error, ")
        seen = f" (found: {found})" if path in located.typed else ""
        return Diagnostic("bad-question", f"{name}: {said}{seen}", located.where(path))
    choices = [str(c) for a in annotations for c in _choices(a)]
    wanted = list(dict.fromkeys(_expected(detail, choices) for detail in details))
    message = f"{name}: expected {' or '.join(wanted)}, found {found}"
    hint = _cure(annotations, first, located.typed.get(path), choices)
    return Diagnostic("bad-value", message, located.where(path), hint)


def _kind_of(value: Any) -> str:
    if isinstance(value, dict):
        return "keys with values"
    return f"a list of {len(value)}" if isinstance(value, list) else "nothing"


def _expected(detail: Any, choices: Sequence[str]) -> str:
    if detail["type"] == "literal_error":
        return "one of " + ", ".join(choices)
    words = _EXPECTED.get(detail["type"])
    return words.format(**detail.get("ctx", {})) if words else str(detail["msg"])


def _cure(
    annotations: Sequence[Any], detail: Any, typed: str | None, choices: Sequence[str]
) -> str | None:
    """What to write instead: another way to write the same that is right, or what the key is for."""
    value, kind = detail["input"], detail["type"]
    if choices:
        return did_you_mean(str(value), choices) or "known: " + ", ".join(choices)
    if typed is not None and typed != "":
        bare = typed.strip('"')
        ways: list[tuple[Any, str]] = [
            (bare, f'write it in quotes: "{bare}"'),
            (_number(bare), f"write it without quotes: {bare}"),
        ]
        lists: list[tuple[Any, str]] = [
            ([value], f"write it as a list: [{typed}]"),
            ([bare], f'write it in quotes, as a list: ["{bare}"]'),
        ]
        for other, cure in lists + ways if kind in ("tuple_type", "list_type") else ways + lists:
            if other != value and any(_fits(annotation, other) for annotation in annotations):
                return cure
    if value is None:
        return "write a value here, or leave the key out where it need not be there"
    about = [d for a in annotations if (d := _description(a))]
    if about:
        return about[0]
    if kind in ("model_type", "model_attributes_type"):
        known = [name for model in _models(annotations) for name in model.model_fields]
        return f"{{key: value}}; known here: {', '.join(known)}"
    limits = [words for a in annotations if (words := _limits(a))]
    if limits:
        return f"write {limits[0]}"
    return f"write {_expected(detail, choices)}"


def _number(text: str) -> int | float | bool | None:
    for read in (int, float):
        with contextlib.suppress(ValueError):
            return read(text)
    return {"true": True, "false": False}.get(text)


def _fits(annotation: Any, value: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value)
    except (ValidationError, PydanticUserError):
        return False
    return value is not None


def _annotations_at(model: Any, loc: Sequence[str | int]) -> list[Any]:
    """What may stand at a location, with its limits."""
    candidates: list[Any] = [model]
    for step in loc:
        below = [inner for outer in candidates for inner in _below(outer, step)]
        candidates = below or candidates  # a step of pydantic's own, which no data has
    return candidates


def _choices(annotation: Any) -> list[Any]:
    plain = _without_extras(annotation)
    if get_origin(plain) is Literal:
        return list(get_args(plain))
    if get_origin(plain) in (Union, types.UnionType):
        return [choice for arg in get_args(plain) for choice in _choices(arg)]
    return []


def _metadata(annotation: Any) -> list[Any]:
    if get_origin(annotation) is not Annotated:
        return []
    inner, *extras = get_args(annotation)
    unpacked = [m for e in extras for m in (e.metadata if isinstance(e, FieldInfo) else ())]
    return [*_metadata(inner), *extras, *unpacked]


def _description(annotation: Any) -> str | None:
    described = (getattr(m, "description", None) for m in _metadata(annotation))
    return next((words for words in described if words), None)


def _limits(annotation: Any) -> str | None:
    """The bounds of a number or of a text's length, in words."""
    bounds = {
        name: limit
        for extra in _metadata(annotation)
        for name in ("gt", "ge", "lt", "le", "min_length", "max_length")
        if (limit := getattr(extra, name, None)) is not None
    }
    words = {
        "gt": "above", "ge": "from", "lt": "below", "le": "up to",
        "min_length": "of at least", "max_length": "and at most",
    }  # fmt: skip
    said = " ".join(f"{words[name]} {limit}" for name, limit in bounds.items())
    if not said:
        return None
    if "min_length" in bounds or "max_length" in bounds:
        return f"text {said} characters" if _without_extras(annotation) is str else None
    return f"{'a whole number' if _without_extras(annotation) is int else 'a number'} {said}"


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
        fields = list(dict.fromkeys(_fields_at(model, detail["loc"][:-1])))
        hint = did_you_mean(key, fields) or f"known here: {', '.join(fields)}"
        return Diagnostic("unknown-key", f'"{key}"', located.where_key(path), hint)
    if kind == "missing":
        about = [d for a in _annotations_at(model, detail["loc"]) if (d := _description(a))]
        hint = f'add "{key}: ..."' + (f" ({about[0]})" if about else "")
        return Diagnostic("missing-key", f'"{key}" is missing here', where, hint)
    if kind == "union_tag_invalid":
        tag = str(detail.get("ctx", {}).get("tag", ""))
        hint = did_you_mean(tag, answer_types()) or "known: " + ", ".join(sorted(answer_types()))
        return Diagnostic("unknown-answer-type", f'there is no answer type "{tag}"', where, hint)
    if kind == "union_tag_not_found":
        hint = 'add "type: ..."; known: ' + ", ".join(sorted(answer_types()))
        return Diagnostic("missing-key", f'{shown_key}: "type" is missing', where, hint)
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
    annotation = _without_extras(annotation)
    for model in _models([annotation]):
        if isinstance(step, str) and step in model.model_fields:
            field = model.model_fields[step]
            about = [Field(description=field.description)] if field.description else []
            extras = (*field.metadata, *about)
            found.append(Annotated[(field.annotation, *extras)] if extras else field.annotation)
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
    hidden = _named_in_faults(located)
    for name, expression in question.let.items():
        if name in known:
            yield Diagnostic(
                "duplicate-name", f'"{name}" is already defined', located.where(("let", name))
            )
        yield from _expression(expression, known | hidden, located, ("let", name))
        known.add(name)
    known |= hidden
    for i, condition in enumerate(question.require):
        yield from _expression(condition, known, located, ("require", i))
    yield from _texts(question, known, located)
    yield from _figure(question.figure, known, located, ("figure",))
    yield from _mistakes(question, known, located)
    yield from _options(question, known, located)
    yield from _answers(question, known, located)


def _named_in_faults(located: Located) -> set[str]:
    """Names that a second `parameters` or `let` defines: it is reported, what uses them is right."""
    return {name for path in (("parameters",), ("let",)) for name in located.doubled.get(path, ())}


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
        if mistake.name and mistake.name in seen:
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
                    did_you_mean(name, known) or "define it under parameters or let",
                )
            yield from _expression(expression, known, located, (*place, "set", name))
        yield from _template(mistake.why, known | {"wrong"}, located, (*place, "why"))


def _mistake_names(located: Located) -> set[str]:
    # From the data: a mistake with an error in it is still there to be named.
    listed = located.data.get("mistakes")
    named = (
        [m.get("name") for m in listed if isinstance(m, dict)] if isinstance(listed, list) else ()
    )
    return {name for name in named if isinstance(name, str)}


def _options(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    mistakes = _mistake_names(located)
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
    shown_options = [o for o in question.options if o.text is not None or o.value is not None]
    if valued not in (0, len(shown_options)):
        yield Diagnostic(
            "mixed-options", "either all options have a value, or none", located.where(("options",))
        )


def _answers(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    asked: list[tuple[Steps, Spec | None]] = [
        ((), question.answer),
        *((("parts", i), part.answer) for i, part in enumerate(question.parts)),
    ]
    for place, spec in asked:
        if spec is None:
            continue
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
                f"its parts: {', '.join(question.labels)}"
                if question.parts
                else "a question without parts has one route: verify: EXPRESSION",
            )


def _rubric(
    question: Question, place: tuple[str | int, ...], located: Located
) -> Iterator[Diagnostic]:
    asked: Any = question.parts[int(place[1])] if place else question
    if asked.points is None or any(line.points is None for line in asked.rubric):
        return  # reported already, and whether they add up cannot be told
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
    expression: str | None, known: set[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    from question_bank.derive import functions

    if expression is None:
        return
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
