# Node.js and npm: only who builds the card needs them, so only script/card asks.
# shellcheck shell=bash

node_suits() {
    have npm && have node && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)'
}

install_node() {
    ! node_suits || return 0
    say "card: installing Node.js and npm"
    have apt-get || die "Node.js 18 or newer and npm are missing; install them with the system's package manager"
    ((EUID == 0)) || have sudo || die "run 'apt-get install nodejs npm' as root, then run this again"
    quietly as_root apt-get update || warn "card: apt-get update failed; trying with the lists there are"
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends nodejs npm ||
        die "apt-get could not install nodejs and npm (its last lines are above)"
    node_suits || die "Node.js $(node --version) is too old; 18 or newer is needed"
}
