"""`--help` of every command: there, quick (nothing heavy is imported), and free of side effects."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.packaging.project import commands, packages

PROBE = """
import json, sys
module, function = {entry!r}.split(":")
sys.argv = [{name!r}, *{rest!r}]
before = set(sys.modules)
try:
    getattr(__import__(module, fromlist=[function]), function)()
except SystemExit as stop:
    status = stop.code
sys.stderr.write(json.dumps([status, sorted(set(sys.modules) - before)]))
"""


@pytest.mark.parametrize(("name", "entry"), commands().items())
def test_help_imports_the_standard_library_alone(name: str, entry: str) -> None:
    probe = PROBE.format(entry=entry, name=name, rest=["--help"])
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd="/"
    )
    status, modules = json.loads(done.stderr)
    assert not status
    assert done.stdout.startswith(f"usage: {name}")
    foreign = {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names)
    assert foreign <= set(packages())


@pytest.mark.parametrize(("name", "entry"), commands().items())
def test_an_unknown_option_is_bad_usage(name: str, entry: str) -> None:
    probe = PROBE.format(entry=entry, name=name, rest=["--no-such-option"])
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd="/"
    )
    message, _, report = done.stderr.rpartition("[2, ")
    assert report, done.stderr
    assert name in message
    assert "Traceback" not in done.stderr
    assert not done.stdout
