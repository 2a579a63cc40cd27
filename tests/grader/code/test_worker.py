"""What old and careless, but right, code relies on when it is imported in a worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.archive import Submission, read_submission
from grader.code import grade_code
from grader.code.assignment import CodeAssignment
from grader.code.judge import Workshop

RIGHT = Path(__file__).parent / "submissions" / "exercise-3" / "right"
LAYERS = (RIGHT / "batchnorm_by_axis_sums/exercise_code/layers.py").read_text()
NORMALIZE = (RIGHT / "normalize_plain/exercise_code/transforms.py").read_text()
HARMLESS = {
    "plotting at import": "import matplotlib.pyplot as plt\nplt.figure(figsize=(3, 3)).show()\n",
    "star import": "from pandas import *\n",
    "submodules": "import torchvision.models.segmentation as s\nimport PIL.Image, scipy.ndimage\n",
    "class of a missing package": "from torchvision.transforms import Compose\nclass C(Compose):\n    x = 1\n",
    "annotations": "import pandas as pd\ndef load(p: pd.DataFrame | None) -> pd.Series: ...\n",
    "settings": "import matplotlib\nmatplotlib.rcParams['figure.dpi'] = 3\nmatplotlib.use('agg')\n",
    "decorators": "from tqdm import tqdm\n@tqdm.wrapt\ndef f(): ...\n",
    "device at import": "import torch\nDEVICE = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\n",
    "module of the exercise": "from exercise_code.helper import VALUE\nassert VALUE == 3\n",
    "prints": "print('loading', '\\x1b[31m')\nimport warnings\nwarnings.warn('old')\n",
    "removed names": "import numpy as np\nnp.float(1), np.int(1), np.bool(1), np.Inf, np.product([1])\n",
    "seeds": "import random\nimport numpy as np\nrandom.seed(0)\nnp.random.seed(0)\n",
    "python 2": "from past.builtins import xrange\nfrom six.moves import cPickle as pickle\nxrange(3)\n",
    "main block": "if __name__ == '__main__':\n    raise SystemExit\n",
    "data beside it": "import os\nassert open(os.path.join(os.path.dirname(__file__), 'data.txt')).read() == 'd'\n",
}


def graded(files: dict[str, bytes], task: CodeAssignment, shop: Workshop) -> dict[str, str]:
    result = grade_code(Submission(files, (), ""), task, seed=1, workshop=shop)
    return {c.id: f"{c.verdict}: {c.message}" for c in result.checks}


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_harmless_imports_sink_nothing(
    name: str, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    files = {
        "exercise_code/helper.py": b"VALUE = 3\n",
        "exercise_code/data.txt": b"d",
        "exercise_code/layers.py": (HARMLESS[name] + LAYERS).encode(),
        "exercise_code/transforms.py": (HARMLESS[name] + NORMALIZE).encode(),
    }
    found = graded(files, exercise_3, workshop)
    assert found["spatial_batchnorm_forward.values"].startswith("right"), found
    assert found["normalize.image"].startswith("right"), found


def test_using_a_stand_in_waits_for_a_person(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    # A package that no worker gets, wherever it is installed.
    source = "import seaborn\n\nclass Normalize:\n    def __call__(self, s):\n        return seaborn.pairplot(s)\n"
    found = graded({"exercise_code/transforms.py": source.encode()}, exercise_3, workshop)
    assert found["normalize.image"].startswith("needs_person: ")
    assert "used seaborn.pairplot, which is not installed" in found["normalize.image"]


def test_files_named_like_the_standard_library_shadow_nothing(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    files = dict.fromkeys(
        ("random.py", "json.py", "timeit.py"), b"raise RuntimeError('shadowed')\n"
    )
    files["exercise_code/layers.py"] = ("import timeit, json, random\n" + LAYERS).encode()
    found = graded(files, exercise_3, workshop)
    assert found["spatial_batchnorm_forward.values"].startswith("right"), found


def test_unknown_package_is_named(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    found = graded({"exercise_code/layers.py": b"import flask\n"}, exercise_3, workshop)
    assert (
        "ModuleNotFoundError: No module named 'flask'" in found["spatial_batchnorm_forward.values"]
    )


def test_a_wrapping_folder_and_no_init_files_are_fine(
    exercise_3: CodeAssignment, workshop: Workshop, tmp_path: Path
) -> None:
    inner = tmp_path / "exercise_3" / "exercise_code"
    inner.mkdir(parents=True)
    (inner / "layers.py").write_text(LAYERS)
    (tmp_path / ".DS_Store").write_text("")
    result = grade_code(read_submission(tmp_path), exercise_3, seed=1, workshop=workshop)
    assert result.checks[0].verdict == "right"
