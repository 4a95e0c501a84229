# Shared by the scripts in this folder: source it, do not run it.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
shopt -s inherit_errexit

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
TOOLS="$ROOT/.tools"
VENV="$ROOT/.venv"
BRIDGE_VENV="$TOOLS/bridge-py311"
BRIDGE_VENV_313="$TOOLS/bridge-py313"
ESPHOME_VENV="$TOOLS/esphome"
QUIET="${QUIET:-}"

# Debian keeps servers where an ordinary user's PATH does not look.
PATH="$PATH:/usr/sbin:/sbin"

say() { [[ -n $QUIET ]] || printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
    warn "$(basename "$0"): $*"
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command, showing what it prints only when it fails.
quietly() {
    local log status=0
    log="$(mktemp)"
    "$@" >"$log" 2>&1 || status=$?
    ((status == 0)) || tail -n 30 "$log" >&2
    rm -f "$log"
    return "$status"
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# uv as locked in requirements/tools.txt, kept from fetching a Python by itself.
uv() {
    UV_PYTHON_DOWNLOADS=never "$TOOLS/uv/bin/uv" "$@"
}
