# System packages: found by what they bring, installed with apt where missing.
# shellcheck shell=bash

missing_packages() {
    [[ -x $TOOLS/uv/bin/uv ]] || python3 -c "import ensurepip, venv" 2>/dev/null || echo python3-venv
    [[ -e /etc/ssl/certs/ca-certificates.crt || ! -e /etc/debian_version ]] || echo ca-certificates
    have g++ || echo g++
    have mosquitto || echo mosquitto
    have chromium || have chromium-browser || have google-chrome || echo chromium
}

install_missing_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    say "setup:   missing: ${missing[*]}"
    have apt-get || die "missing: ${missing[*]}. Install them with the system's package manager (names as in Debian), then run this again"
    ((EUID == 0)) || have sudo || die "missing: ${missing[*]}. Run 'apt-get install ${missing[*]}' as root, then run this again"
    quietly as_root apt-get update || warn "setup: apt-get update failed; trying with the lists there are"
    apt_install "${missing[@]}"
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} == 0)) || die "still missing after apt-get install: ${missing[*]}"
}

apt_install() {
    local new_mosquitto=
    [[ " $* " == *" mosquitto "* ]] && new_mosquitto=1
    [[ -z $new_mosquitto ]] || keep_mosquitto_stopped
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" ||
        die "apt-get could not install: $* (its last lines are above)"
    [[ -z $new_mosquitto ]] || ! have systemctl || quietly as_root systemctl disable mosquitto || true
}

# The tests and the demo start a broker of their own. Debian's package would
# also run one as a service: this keeps a newly installed one from starting.
# Where the package was there before, nobody touches its service.
keep_mosquitto_stopped() {
    local policy=/usr/sbin/policy-rc.d
    [[ ! -e $policy ]] || return 0
    # shellcheck disable=SC2016
    printf '#!/bin/sh\ncase "$1" in mosquitto*) exit 101 ;; esac\n' | as_root tee "$policy" >/dev/null
    # shellcheck disable=SC2064
    trap "as_root rm -f '$policy'" EXIT
    as_root chmod 755 "$policy"
}
