# Installs what a script needs and a bare Debian machine lacks; to be sourced.
# shellcheck shell=sh

# need PROGRAM PACKAGE...: installs the packages where the program is not there.
need() {
  program=$1
  shift
  command -v "$program" >/dev/null 2>&1 || bring "$program" "$@"
}

# Debian's python3 comes without what makes a virtual environment.
need_venv() {
  need python3 python3 python3-venv
  python3 -c 'import ensurepip' 2>/dev/null || bring venv python3-venv
}

bring() {
  program=$1
  shift
  command -v apt-get >/dev/null 2>&1 || lacking "$program" "install it, then run this again"
  printf '%s: installing %s\n' "${0##*/}" "$*" >&2
  log=$(mktemp)
  if ! { as_root apt-get update && as_root apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    cat "$log" >&2
    lacking "$program" "install $*, then run this again"
  fi
  rm -f "$log"
}

lacking() {
  printf '%s: %s is missing\n  next: %s\n' "${0##*/}" "$1" "$2" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then DEBIAN_FRONTEND=noninteractive "$@"; else sudo DEBIAN_FRONTEND=noninteractive "$@"; fi
}
