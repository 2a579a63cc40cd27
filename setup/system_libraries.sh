#!/usr/bin/env bash
# Sees to what pip cannot install: the libraries that WeasyPrint loads, and poppler's programs, by which the tests look at PDFs.
# Each is tried by loading it, so that it does not matter where it came from.
set -euo pipefail
cd "$(dirname "$0")/.."

loads() { .venv/bin/python -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }
present() {
    case $1 in
        *.so.*) loads "$1" ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

readonly NEEDS=(
    "libpango-1.0.so.0 libpango-1.0-0"
    "libpangoft2-1.0.so.0 libpangoft2-1.0-0"
    "libharfbuzz-subset.so.0 libharfbuzz-subset0"
    "pdftoppm poppler-utils"
)

missing_packages() {
    local need
    for need in "${NEEDS[@]}"; do
        present "${need% *}" || printf '%s\n' "${need#* }"
    done
}

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -gt 0 ]; then
    setup/apt_install.sh "${missing[@]}" || true
    mapfile -t missing < <(missing_packages)
fi
if [ "${#missing[@]}" -gt 0 ]; then
    printf 'set-up: please install, as root: apt-get install %s\n' "${missing[*]}" >&2
    exit 1
fi

# Chromium is for the tests of browser faces alone: without it they are skipped, and say so.
if [ -n "${CI:-}" ] && ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
    setup/apt_install.sh chromium ||
        printf 'set-up: no Chromium here: the tests of the browser faces will be skipped\n' >&2
fi
