# What build.sh and its parts share. Sourced, never run.

peer_python=/usr/bin/python3 # Debian's own, which sees Debian's packages; another one may come first on the PATH

say() { printf '%s\n' "$*"; }

step() { printf '\n== %s\n' "$*"; }

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

# Runs a command in the repository, where global.json and the tool manifest are found.
in_root() { (cd "$root" && "$@"); }

# Installs the Debian packages that are missing, or says how to.
#   need_packages <what for> <package>...
need_packages() {
    local purpose="$1" missing=() package
    shift
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]} > 0)) || return 0

    local command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    if ! command -v apt-get >/dev/null; then
        fail "$purpose needs ${missing[*]} (the names are Debian's), and there is no apt-get to install them with"
    fi
    if ((EUID != 0)); then
        fail "$purpose needs ${missing[*]}. Run this, then try again:
    sudo sh -c '$command'"
    fi
    step "Installing ${missing[*]}: $purpose needs them"
    DEBIAN_FRONTEND=noninteractive sh -c "$command" || fail "the installation failed; the messages of apt-get are above. By hand:
    $command"
}

is_installed() {
    [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}
