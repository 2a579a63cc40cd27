#!/usr/bin/env bash
# Makes .venv: a Python from 3.11 on, the locked packages, torch, and this project in place.
# Running it again repairs what an interrupted run left, and installs only what changed.
#
#   TORCH_INDEX_URL   where torch alone comes from, e.g. an index of CPU builds; default: pip's own
set -euo pipefail
cd "$(dirname "$0")/.."

readonly TORCH=2.13.0
readonly VENV=.venv
readonly PYTHON=$VENV/bin/python
readonly LOG=build/setup.log

say() { printf 'set-up: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

# One set-up at a time: two would write into the same environment.
mkdir -p build
exec 9>build/setup.lock
flock 9

usable() { # is "$1" a Python from 3.11 on?
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

complete() { # can "$1" make an environment with pip? (Debian packs both apart.)
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if usable "$name" && complete "$name"; then
            printf '%s\n' "$name"
            return 0
        fi
    done
    return 1
}

make_environment() {
    local python
    if ! python=$(find_python); then
        # Ubuntu 22.04 has 3.10 as python3, and python3.11 beside it.
        setup/apt_install.sh python3-venv || true
        find_python >/dev/null || setup/apt_install.sh python3.11-venv || true
        python=$(find_python) ||
            fail "needs Python 3.11 or later with venv and pip; on Debian or Ubuntu: apt-get install python3-venv"
    fi
    say "making $VENV with $("$python" --version)"
    rm -rf "$VENV"
    "$python" -m venv "$VENV" >>"$LOG" 2>&1 || fail "$python -m venv failed; see $LOG"
    stamp place "$PWD"
}

install() { # install WHAT PIP-ARGUMENT...
    local what=$1 start=$SECONDS
    shift
    say "installing $what"
    : >"$VENV/installing"
    # A --user default of the person's own pip would be refused inside an environment.
    if ! PIP_USER=0 "$PYTHON" -m pip --disable-pip-version-check --no-input install --quiet "$@" >>"$LOG" 2>&1; then
        rm -f "$VENV/installing"
        say "$(grep -E '^(ERROR|error)' "$LOG" | tail -n 1)"
        fail "could not install $what (no network?); all of pip's words are in $LOG; run the same command again to go on"
    fi
    rm -f "$VENV/installing"
    say "installed $what in $((SECONDS - start)) s"
}

# A stamp names what was installed, and is written after it succeeded.
stands() { [ -x "$PYTHON" ] && [ "$(cat "$VENV/stamp.$1" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s\n' "$2" >"$VENV/stamp.$1"; }
fingerprint() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }

locked=$(fingerprint requirements.lock)
project=$(fingerprint pyproject.toml)-$PWD
if [ ! -e "$VENV/installing" ] && stands lock "$locked" && stands torch "$TORCH" && stands project "$project"; then
    exit 0
fi

: >"$LOG"
# Left by a kill in the middle of an installation: no telling what is whole. And the commands of an environment that was
# moved point to where it was.
if [ -e "$VENV/installing" ] || [ "$(cat "$VENV/stamp.place" 2>/dev/null || echo "$PWD")" != "$PWD" ]; then
    rm -rf "$VENV"
fi
if ! { usable "$PYTHON" && "$PYTHON" -m pip --version; } >>"$LOG" 2>&1; then
    make_environment
fi
if ! stands lock "$locked"; then
    install "the packages of requirements.lock" --require-hashes --requirement requirements.lock
    stamp lock "$locked"
fi
if ! stands torch "$TORCH"; then
    # torch has no hash in the lock, so that each machine may take the build that fits it. What it needs is in the lock,
    # and stays as it is there.
    sed -n 's/^\([a-z0-9].*\) \\$/\1/p' requirements.lock >"$VENV/constraints.txt"
    source=()
    if [ -n "${TORCH_INDEX_URL:-}" ]; then
        source=(--index-url "$TORCH_INDEX_URL")
    fi
    install "torch $TORCH" --constraint "$VENV/constraints.txt" ${source[@]+"${source[@]}"} "torch==$TORCH"
    stamp torch "$TORCH"
fi
if ! stands project "$project"; then
    # In place: what is edited runs. The backend comes from the lock, so nothing is fetched.
    install "mockexam in place" --no-deps --no-build-isolation --editable .
    stamp project "$project"
fi
