#!/usr/bin/env bash
# Installs Debian packages without ever asking: as root, or through a sudo that needs no password. Fails where it may not.
set -euo pipefail

command -v apt-get >/dev/null || exit 1
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || exit 1
    as_root=(sudo -n)
fi
apt() { ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" </dev/null >>build/setup.log 2>&1; }

mkdir -p build
printf 'set-up: apt-get install %s\n' "$*" >&2
# The lists of a fresh machine may be empty or old: fetch them when the first try fails.
apt install -y --no-install-recommends "$@" || { apt update && apt install -y --no-install-recommends "$@"; }
