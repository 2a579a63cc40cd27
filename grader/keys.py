"""The keys that answers are marked against: read, and found to belong together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.answer_sheet import AnswerSheet
from question_bank.diagnostics import Where, bad_input
from question_bank.key import FormKey, dumps, loads

MAX_JSON_BYTES = 50_000_000


def load_keys(paths: Sequence[Path]) -> tuple[FormKey, ...]:
    """The key.json at each of these paths: forms of one exam. Raises InputError."""
    keys = tuple(loads(read_json_text(path), str(path)) for path in paths)
    seen: dict[str, Path] = {}
    for key, path in zip(keys, paths, strict=True):
        if key.assignment != keys[0].assignment:
            raise bad_input(
                "two-exams",
                f'belongs to "{key.assignment}", and {paths[0]} to "{keys[0].assignment}"',
                where=Where(str(path)),
                hint="grade the submissions of one exam at a time",
            )
        if key.form.lower() in seen:
            raise bad_input(
                "same-form",
                f"is a key of form {key.form}, as {seen[key.form.lower()]} is",
                where=Where(str(path)),
                hint="give one key for each form",
            )
        seen[key.form.lower()] = path
    return keys


def keys_of_exam(path: Path) -> tuple[FormKey, ...]:
    """The keys that lie beside an exam.json, one folder a form. Raises InputError."""
    data = read_json(path)
    try:
        labels = [str(form["label"]) for form in data["forms"]]
    except (KeyError, TypeError, IndexError):
        labels = []
    if not labels:
        raise bad_input("not-an-exam", "is no exam.json of mockexam", where=Where(str(path)))
    return load_keys([path.parent / Path(label).name / "key.json" for label in labels])


def key_sha256(key: FormKey) -> str:
    """The version of a key: two keys that mark alike have the same."""
    return hashlib.sha256(dumps(key).encode()).hexdigest()


def key_for(
    sheet: AnswerSheet, keys: Sequence[FormKey], file: str
) -> tuple[FormKey, tuple[str, ...]]:
    """The key of the form that a sheet names, and what the student must be told. Raises InputError."""
    if sheet.form is None:
        if len(keys) == 1:
            return keys[0], (f"answers.yaml names no form: it was marked as form {keys[0].form}",)
        raise bad_input(
            "no-form",
            "answers.yaml names no form",
            where=Where(file),
            hint=f"add a line `form: {keys[0].form}` with the form printed on the paper",
        )
    for key in keys:
        if key.form.lower() == sheet.form.lower():
            return key, ()
    known = ", ".join(key.form for key in keys[:12]) + (", ..." if len(keys) > 12 else "")
    one = "the key given is for form" if len(keys) == 1 else "the keys given are for the forms"
    raise bad_input(
        "other-form",
        f'answers.yaml is for form "{sheet.form}"; {one} {known}',
        where=Where(file),
        hint="give that form's key.json with --key, or all of them with --exam exam.json",
    )


def read_json(path: Path) -> Any:
    """Parsed JSON of bounded size, or None where the text is none. InputError when it cannot be read."""
    try:
        return json.loads(read_json_text(path))
    except (ValueError, RecursionError):
        return None


def read_json_text(path: Path) -> str:
    """The text of a JSON file of bounded size. Raises InputError when it cannot be read."""
    where = Where(str(path))
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_JSON_BYTES + 1)
        if len(content) > MAX_JSON_BYTES:
            raise bad_input("too-large", f"is larger than {MAX_JSON_BYTES:,} bytes", where=where)
        return content.decode("utf-8-sig")
    except OSError as error:
        raise bad_input("cannot-read", f"cannot be read: {error.strerror}", where=where) from None
    except UnicodeDecodeError:
        raise bad_input("cannot-read", "cannot be read: it is not UTF-8", where=where) from None
    except ValueError:
        raise bad_input("cannot-read", "cannot be read: no such name", where=where) from None
