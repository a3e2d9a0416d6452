# Installs what a script needs and a bare Debian machine lacks; to be sourced.
# shellcheck shell=sh

# need PROGRAM PACKAGE...: installs the packages where the program is not there.
need() {
  program=$1
  shift
  if ! command -v "$program" >/dev/null 2>&1; then
    as_root apt-get update -q
    as_root apt-get install -q -y --no-install-recommends "$@"
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
