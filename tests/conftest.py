"""For all tests: no trace on the person's machine, one thread for each worker, examples that repeat."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Workers of pytest share the cores: more threads than cores slow torch down many times.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# A busy machine is no failure; CI tries the same examples each time, a developer's machine new ones.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


@pytest.fixture(autouse=True)
def home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Each test has its own results and caches, so that none touches the person's."""
    home = tmp_path_factory.mktemp("mockexam-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOCKEXAM_HOME", str(home))
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        patch.delenv("DATABASE_URL", raising=False)
        yield home


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real, headless Chromium. Without one, nothing is tested in a browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from tests.web.chromium import PROGRAM, SWITCHES

    if PROGRAM is None:
        pytest.skip("there is no Chromium: the pages are NOT tested in a browser")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=PROGRAM, args=list(SWITCHES))
        yield browser
        browser.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked gpu are skipped where torch sees none."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        skip = pytest.mark.skip(reason="no GPU")
        for item in marked:
            item.add_marker(skip)
