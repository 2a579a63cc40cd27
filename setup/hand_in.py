"""Answer sheets of three invented students, for `make demo`: `python hand_in.py KEY.json FOLDER` writes FOLDER/USER.zip for each.

An exam's form is drawn, so its answers cannot lie in the repository: they are written from the key. Where a student errs, it is by a named mistake of the question
if there is one.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from question_bank.answers import answer_type, key_from
from question_bank.key import FormKey, KeyPart, loads

# Of how many answers one is wrong, and of how many one is left out.
STUDENTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"w0256": (5, 11), "w0220": (8, 1000), "w0445": (2, 7)}
)


def wrong(part: KeyPart) -> str:
    """An answer that earns nothing: a named mistake of the question, else an invented one."""
    kind = answer_type(part.answer["type"])
    for mistake in part.mistakes:
        return kind.written(key_from(mistake.answer))
    invented = kind.samples(part.key).wrong
    return invented[0] if invented else ""


def answers(key: FormKey, err: int, omit: int) -> Iterator[tuple[str, str]]:
    """Printed label and answer."""
    for place, (label, (_, part)) in enumerate(key.labels().items(), 1):
        if place % omit == 0:
            continue
        if place % err == 0:
            yield label, wrong(part)
        else:
            yield label, answer_type(part.answer["type"]).written(part.key)


def main() -> None:
    """Write one zip for each student."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("key", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    key = loads(arguments.key.read_text(), str(arguments.key))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for user, (err, omit) in STUDENTS.items():
        # JSON's strings and maps are YAML's, so whatever was typed stays as it is.
        given = [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in answers(key, err, omit)]
        sheet = "\n".join([f"form: {json.dumps(key.form)}", "answers:", *given, ""])
        with zipfile.ZipFile(arguments.folder / f"{user}.zip", "w") as archive:
            archive.writestr("answers.yaml", sheet)


if __name__ == "__main__":
    main()
