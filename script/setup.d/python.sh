# Python 3.14: an existing one if it will do, else Debian's packages.
# shellcheck shell=bash

runs() { "$1" -c "" >/dev/null 2>&1; }

# Recent enough for Home Assistant, and with the headers that the two
# source-only packages compile against.
is_suitable() {
    "$1" - <<'PY' >/dev/null 2>&1
import pathlib, sys, sysconfig
header = pathlib.Path(sysconfig.get_path("include"), "Python.h")
sys.exit(not ((3, 14, 2) <= sys.version_info < (3, 15) and header.exists()))
PY
}

PRIVATE_PYTHON="$TOOLS/python/usr/bin/python3.14"

# Prints the path of a suitable Python 3.14, making one if need be.
python314() {
    local found
    found="$(uv python find --no-project --system ">=3.14.2,<3.15" 2>/dev/null || true)"
    if [[ -n $found ]] && is_suitable "$found"; then
        # A link to it would leave the environment without a standard library.
        "$found" -c "import os, sys; print(os.path.realpath(sys.executable))"
        return
    fi
    if ! is_suitable "$PRIVATE_PYTHON"; then
        make_private_python "$TOOLS/python" 3.14 python3.14-dev >&2 || die "$(how_to_get_python "$REASON")"
        is_suitable "$PRIVATE_PYTHON" || die "$(how_to_get_python "Debian's package does not suit")"
    fi
    echo "$PRIVATE_PYTHON"
}

how_to_get_python() {
    cat <<TEXT
No suitable Python 3.14 (>= 3.14.2, with its headers) was found, and it cannot be
taken from this system's package source: $1.
Any of these will do; then run script/setup again:
  - apt-get install python3.14-dev     where the distribution has it
  - $TOOLS/uv/bin/uv python install 3.14     with access to the internet
  - your own way, as long as 'python3.14' is found on PATH
TEXT
}
