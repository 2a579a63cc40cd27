"""Each known mistake, made by a student's slip: a small change to a right submission of the bank.

slips.yaml says what is typed instead of what, and which check must tell it by which name. A
submission of the bank's folders shows the rest: together they show all that the judge can name.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from grader.archive import Submission, read_submission
from grader.code import grade_code, load_assignment
from grader.code.assignment import CodeAssignment
from grader.code.judge import Workshop

HERE = Path(__file__).parent
BANK = HERE / "submissions"
CHECKS = Path(__file__).parents[3] / "grader" / "code" / "checks"
MANY_SEEDS = range(100, 120)


@dataclass(frozen=True)
class Slip:
    """What is typed instead of what in one file of a right submission, and what each check says."""

    assignment: str
    folder: str
    file: str
    find: tuple[str, ...]
    replace: tuple[str, ...]
    shows: tuple[tuple[str, str], ...]
    verdict: str

    @property
    def name(self) -> str:
        check, mistake = self.shows[0]
        return f"{check}-{mistake}"

    def submission(self) -> Submission:
        """The right submission with the slip in it."""
        right = read_submission(BANK / self.assignment / "right" / self.folder)
        text = right.files[self.file].decode()
        for old, new in zip(self.find, self.replace, strict=True):
            assert text.count(old) == 1, (self.name, old, text.count(old))
            text = text.replace(old, new)
        compile(text, self.file, "exec")
        files = {**right.files, self.file: text.encode()}
        return Submission(files, (), hashlib.sha256(text.encode()).hexdigest())


def _pieces(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def slips() -> Iterator[Slip]:
    for group in yaml.safe_load((HERE / "slips.yaml").read_text()):
        assignment, folder, file = group["of"].split("/", 2)
        for entry in group["slips"]:
            find, replace = _pieces(entry.pop("find")), _pieces(entry.pop("replace"))
            verdict = entry.pop("verdict", "wrong")
            shows = tuple(entry.items())
            yield Slip(assignment, folder, file, find, replace, shows, verdict)


ALL = list(slips())


@cache
def only(name: str, checks: tuple[str, ...]) -> CodeAssignment:
    """An assignment with these checks alone."""
    whole = load_assignment(name)
    chosen = tuple(spec for spec in whole.checks if spec.id in checks)
    assert {spec.id for spec in chosen} == set(checks), checks
    return whole.model_copy(update={"checks": chosen})


def assert_told(slip: Slip, workshop: Workshop, seed: int) -> None:
    assignment = only(slip.assignment, tuple(check for check, _ in slip.shows))
    result = grade_code(slip.submission(), assignment, seed=seed, workshop=workshop)
    found = {check.id: check for check in result.checks}
    partial = {spec.id: spec.partial for spec in assignment.checks}
    for identifier, mistake in slip.shows:
        check = found[identifier]
        assert check.mistake == mistake, (identifier, check.verdict, check.message)
        share = partial[identifier].get(mistake, 0.0)
        expected = "partly_right" if share and check.max_points else slip.verdict
        assert check.verdict == expected
        assert check.points == pytest.approx(share * check.max_points)


@pytest.mark.parametrize("slip", ALL, ids=lambda slip: slip.name)
def test_slip_is_told_by_its_name(slip: Slip, workshop: Workshop) -> None:
    assert_told(slip, workshop, 1)


@pytest.mark.slow
@pytest.mark.parametrize("slip", ALL, ids=lambda slip: slip.name)
def test_slip_is_told_under_every_seed(slip: Slip, workshop: Workshop) -> None:
    for seed in MANY_SEEDS:
        assert_told(slip, workshop, seed)


# ------------------------------------------------------------------------- what the judge can name


def _is_sentence(node: ast.expr) -> bool:
    return isinstance(node, (ast.JoinedStr, ast.BinOp)) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    )


def named_in(tree: ast.AST) -> set[str]:
    """Names of mistakes in a module's text: words with hyphens, and words beside a sentence."""
    found: set[str] = set()
    for node in ast.walk(tree):
        named: list[ast.expr | None] = []
        if isinstance(node, ast.Constant) and re.fullmatch(
            r"[a-z0-9]+(-[a-z0-9]+)+", str(node.value)
        ):
            named = [node]
        elif isinstance(node, ast.Tuple) and len(node.elts) > 2 and _is_sentence(node.elts[1]):
            named = [node.elts[0]]
        elif isinstance(node, ast.Dict):
            named = [
                key
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(value, ast.Tuple) and value.elts and _is_sentence(value.elts[0])
            ]
        elif isinstance(node, ast.keyword) and node.arg == "mistake":
            named = [node.value]
        texts = [n.value for n in named if isinstance(n, ast.Constant)]
        found |= {t for t in texts if isinstance(t, str) and re.fullmatch(r"[a-z][a-z0-9-]+", t)}
    return found


def checks_in(tree: ast.AST, module: str) -> set[str]:
    """Ids of the checks that a module offers."""
    if not any(
        isinstance(n, ast.Assign) and any(ast.unparse(t) == "TESTS" for t in n.targets)
        for n in ast.walk(tree)
    ):
        return set()
    return set(import_module(f"grader.code.checks.{module}").TESTS)


def uses_of(trees: dict[str, ast.AST], module: str) -> set[str]:
    """Modules that a module imports of the checks, at any depth, and itself."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in trees and name not in seen:
            seen.add(name)
            waiting += [
                (n.module or "").removeprefix("grader.code.checks.")
                for n in ast.walk(trees[name])
                if isinstance(n, ast.ImportFrom)
            ]
    return seen


def shown() -> set[tuple[str, str]]:
    """(check, mistake) of all slips, and of all folders of wrong submissions."""
    pairs = {pair for slip in ALL for pair in slip.shows}
    for table in BANK.glob("*/wrong.yaml"):
        for checks in yaml.safe_load(table.read_text()).values():
            pairs |= set(checks.items())
    return pairs


def test_every_mistake_that_can_be_named_is_shown() -> None:
    trees = {path.stem: ast.parse(path.read_text()) for path in sorted(CHECKS.glob("*.py"))}
    offered = {name: checks_in(tree, name) for name, tree in trees.items()}
    used = {name: uses_of(trees, name) for name in trees if offered[name]}
    pairs = shown()
    missing = {}
    for name, tree in trees.items():
        checks = {c for user, modules in used.items() if name in modules for c in offered[user]}
        told = {mistake for check, mistake in pairs if check in checks}
        if lacking := named_in(tree) - told:
            missing[name] = sorted(lacking)
    assert missing == {}
