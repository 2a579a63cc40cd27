#!/usr/bin/env bash
# Re-makes requirements.lock from the ranges in pyproject.toml. Needs the network; `make lock UPGRADE=--upgrade` takes what is newest.
set -euo pipefail
cd "$(dirname "$0")/.."

# uv resolves for every Python and processor at once; pip cannot. It lives apart: nothing else needs it.
tool=build/lock
[ -x "$tool/bin/uv" ] || { .venv/bin/python -m venv "$tool" && "$tool/bin/pip" --disable-pip-version-check install --quiet "uv>=0.8"; }
torch=$(sed -n 's/^readonly TORCH=//p' setup/environment.sh)
printf 'torch==%s\n' "$torch" >build/torch.txt
"$tool/bin/uv" pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-package torch \
    --constraints build/torch.txt --custom-compile-command "make lock" --quiet "$@" --output-file requirements.lock
printf 'requirements.lock: %s packages\n' "$(grep -c '^[a-z0-9]' requirements.lock)"
