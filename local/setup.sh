#!/usr/bin/env bash
# Sets up everything the project needs on a machine that may have neither uv nor a new Python.
#
#   local/setup.sh project   the locked environment in .venv
#   local/setup.sh cloud     the embedded cloud's own environment in .tools/ministack
#   local/setup.sh browser   Chromium for the browser tests, where that is possible
#   local/setup.sh bench     adds to .venv what only benchmarks need
#   local/setup.sh python    prints the interpreter that would be used, or "download"
#
# Nothing outside this folder changes, except for Chromium, which comes from the system's packages
# and only where we are root.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
# Another project's environment must not leak into this one.
unset VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME UV_PYTHON UV_PROJECT_ENVIRONMENT

say() { printf '· %s\n' "$*" >&2; }

# 3.12 and 3.13 are what the lock file is resolved for. A pyenv shim can be on PATH and still refuse
# to run, so a candidate counts only once it has answered.
suits() {
    "$1" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 13))' \
        >/dev/null 2>&1
}

find_python() {
    local pyenv="${PYENV_ROOT:-$HOME/.pyenv}/versions" candidate
    for candidate in .venv/bin/python python3.13 "$pyenv"/3.13*/bin/python3 \
        python3.12 "$pyenv"/3.12*/bin/python3 python3; do
        if suits "$candidate"; then
            # The interpreter itself, not the shim or environment that led to it.
            "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
            return
        fi
    done
    echo download
}

find_uv() {
    local own="$ROOT/.tools/uv"
    if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
        command -v uv
    elif [ -x "$own/bin/uv" ]; then
        echo "$own/bin/uv"
    else
        say "getting uv from PyPI into .tools/uv"
        mkdir -p "$ROOT/.tools"
        local base
        for base in python3 "$(find_python)"; do
            rm -rf "$own"
            # Debian ships python3 without ensurepip: then into a plain folder.
            if "$base" -m venv "$own" && "$own/bin/python" -m pip install -qq uv; then break; fi
            rm -rf "$own"
            if "$base" -m pip install -qq --target "$own" uv; then break; fi
        done >/dev/null 2>&1
        [ -x "$own/bin/uv" ] || { say "uv could not be installed"; exit 1; }
        echo "$own/bin/uv"
    fi
}

project() {
    local uv python
    uv="$(find_uv)"
    python="$(find_python)"
    [ "$python" = download ] && python=3.13
    say "setting up .venv with Python $python"
    # --inexact keeps what bench-setup added.
    "$uv" sync --quiet --locked --inexact --python "$python" "$@"
    touch .venv/.stamp
}

cloud() {
    local uv
    uv="$(find_uv)"
    say "setting up the embedded cloud in .tools/ministack"
    # The functions run under this interpreter: the same minor version they are packaged for.
    "$uv" venv --quiet --clear --no-project --python .venv/bin/python .tools/ministack
    "$uv" pip install --quiet --require-hashes --compile-bytecode --python .tools/ministack/bin/python \
        -r local/ministack-requirements.txt
    touch .tools/ministack/.stamp
}

browser() {
    if [ -x /usr/bin/chromium ]; then
        return
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing Chromium for the browser tests"
        if (apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends chromium) >/dev/null 2>&1; then
            return
        fi
    fi
    say "no Chromium: browser tests are skipped (they fail where REQUIRE_BROWSER=1)"
}

case "${1:-}" in
project) project ;;
cloud) cloud ;;
browser) browser ;;
bench) project --group bench ;;
python) find_python ;;
*)
    sed -n '2,11p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2
    exit 2
    ;;
esac
