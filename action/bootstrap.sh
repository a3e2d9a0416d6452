#!/bin/sh
# Finds a lastgood binary that can be trusted, and becomes it.
#
# The inputs come as LASTGOOD_IN_*, everything else from the runner's own variables. Plain POSIX, because it
# also runs in containers that have little more than a busybox. What it prints for people goes to stderr.
set -eu

home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
read -r version <"$home/action/version"
releases=https://github.com/lastgood/lastgood/releases/download
next_with_a_binary="put a lastgood binary on this machine and name it with \`binary-path\`"

main() {
  drop_empty_inputs
  binary=$(find_binary)
  exec "$binary" action
}

# An input that was not given arrives as an empty variable, which would read as an empty value.
drop_empty_inputs() {
  for name in COMMAND ENVIRONMENT VERSION SERVICES TO REASON AUTO_ROLLBACK CONFIG TOKEN TAG_TOKEN TEAM_TOKEN BINARY_PATH DOWNLOAD_BASE_URL; do
    eval "[ -n \"\${LASTGOOD_IN_$name:-}\" ]" || unset "LASTGOOD_IN_$name"
  done
}

# Runs in a subshell: what fetches or builds the binary has no business with the tokens.
find_binary() {
  unset LASTGOOD_IN_TOKEN LASTGOOD_IN_TAG_TOKEN LASTGOOD_IN_TEAM_TOKEN
  if [ -n "${LASTGOOD_IN_BINARY_PATH:-}" ]; then
    given_binary "$LASTGOOD_IN_BINARY_PATH"
    return
  fi
  name_the_release
  if archive_sum=$(committed_sum "$release.tar.gz") && binary_sum=$(committed_sum "$release/lastgood"); then
    released_binary
  elif [ -f "$home/Cargo.toml" ] && have cargo; then
    built_binary
  else
    fail failed no_binary "lastgood $version has no release for $(uname -s) $(uname -m) that this action knows" \
      "use the action at a release tag, or install Rust so that it can be built, or $next_with_a_binary"
  fi
}

given_binary() {
  case $1 in /*) path=$1 ;; *) path=$PWD/$1 ;; esac
  if [ -f "$path" ] && [ -x "$path" ]; then
    printf '%s\n' "$path"
  elif ! command -v -- "$1"; then
    fail invalid no_binary "\`binary-path\` is \`$1\`, which is no program that can be run here" \
      "give a path from the workspace or from the root, and make the file executable"
  fi
}

# Arch is named as in the runner's tool cache.
name_the_release() {
  case $(uname -s)/$(uname -m) in
    Linux/x86_64 | Linux/amd64) target=x86_64-unknown-linux-musl arch=x64 ;;
    Linux/aarch64 | Linux/arm64) target=aarch64-unknown-linux-musl arch=arm64 ;;
    Darwin/x86_64) target=x86_64-apple-darwin arch=x64 ;;
    Darwin/arm64) target=aarch64-apple-darwin arch=arm64 ;;
    *) target=unknown arch=unknown ;;
  esac
  release=lastgood-$version-$target
}

committed_sum() {
  while read -r sum name; do
    case $sum in '#'*) continue ;; esac
    if [ "$name" = "$1" ]; then
      printf '%s\n' "$sum"
      return 0
    fi
  done <"$home/action/checksums.txt"
  return 1
}

released_binary() {
  find_hasher
  cached=${RUNNER_TOOL_CACHE:-}/lastgood/$version/$arch/lastgood
  if [ -n "${RUNNER_TOOL_CACHE:-}" ] && [ -f "$cached" ]; then
    if [ "$(sum_of "$cached")" = "$binary_sum" ]; then
      printf '%s\n' "$cached"
      return
    fi
    tell warning "the cached \`$cached\` is not the released binary, so it was not run" "it is being fetched again"
  fi
  fetch_release
}

fetch_release() {
  work=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/lastgood.XXXXXX")
  trap 'rm -rf -- "$work/new"; rmdir -- "$work" 2>/dev/null || :' EXIT
  trap 'exit 130' INT TERM
  mkdir "$work/new"
  url=$(mirror)/v$version/$release.tar.gz
  download "$url" "$work/new/archive"
  must_have_sum "$work/new/archive" "$archive_sum" "$url"
  tar -xzf "$work/new/archive" -C "$work/new" "$release/lastgood" >&2 ||
    fail failed no_binary "\`$url\` could not be unpacked" "see that \`tar\` and \`gzip\` are installed"
  must_have_sum "$work/new/$release/lastgood" "$binary_sum" "lastgood in $url"
  chmod 755 "$work/new/$release/lastgood"
  keep "$work/new/$release/lastgood"
}

mirror() {
  base=${LASTGOOD_IN_DOWNLOAD_BASE_URL:-$releases}
  case $base in
    https://?* | http://?*) printf '%s\n' "${base%/}" ;;
    *) fail invalid no_binary "\`download-base-url\` is \`$base\`, which is no address" "begin it with https:// or http://" ;;
  esac
}

download() {
  if have curl; then
    said=$(curl --fail --silent --show-error --location --proto '=http,https' --retry 3 --retry-connrefused \
      --connect-timeout 20 --speed-limit 1000 --speed-time 30 --output "$2" --url "$1" 2>&1)
  elif have wget; then
    said=$(wget_with_retries "$1" "$2" 2>&1)
  else
    fail failed no_binary "neither \`curl\` nor \`wget\` is installed, so \`$1\` could not be fetched" \
      "install one of them, or $next_with_a_binary"
  fi || fail failed no_binary "\`$1\` could not be fetched: ${said:-no usable answer}" \
    "see that this machine reaches it, name a mirror with \`download-base-url\`, or $next_with_a_binary"
}

# Busybox's wget knows no retries of its own.
wget_with_retries() {
  for pause in 1 2 4; do
    if wget -q -T 30 -O "$2" "$1"; then return 0; fi
    sleep "$pause"
  done
  wget -q -T 30 -O "$2" "$1"
}

must_have_sum() {
  found=$(sum_of "$1")
  [ "$found" = "$2" ] ||
    fail failed wrong_checksum "$3 has sha256 $found, not the committed $2, so it was not run" \
      "empty the mirror or proxy in between; if it comes from the release itself, report it as SECURITY.md says"
}

sum_of() {
  $hasher <"$1" | cut -c 1-64
}

find_hasher() {
  if have sha256sum; then
    hasher=sha256sum
  elif have shasum; then
    hasher='shasum -a 256'
  else
    fail failed no_binary "neither \`sha256sum\` nor \`shasum\` is installed, so no download can be checked" \
      "install one of them, or $next_with_a_binary"
  fi
}

# By two renames, since another job on this machine may be running or fetching the same file.
keep() {
  shelf=${RUNNER_TOOL_CACHE:-}/lastgood/$version/$arch
  if [ -n "${RUNNER_TOOL_CACHE:-}" ] && mkdir -p "$shelf" 2>/dev/null && mv -f "$1" "$shelf/.new.$$" 2>/dev/null; then
    mv -f "$shelf/.new.$$" "$shelf/lastgood"
    printf '%s\n' "$shelf/lastgood"
  else
    mv "$1" "$work/lastgood"
    printf '%s\n' "$work/lastgood"
  fi
}

# From the checkout's own folder, whose cargo configuration counts, not the user's.
built_binary() {
  case ${CARGO_TARGET_DIR:-} in /*) into=$CARGO_TARGET_DIR ;; *) into=$home/target ;; esac
  quietly_for_the_runner build ||
    fail failed no_binary "lastgood could not be built from \`$home\`" "read cargo's words above"
  printf '%s\n' "$into/release/lastgood"
}

build() {
  unset CARGO_BUILD_TARGET
  cd -- "$home" && cargo build --release --locked --bin lastgood --target-dir "$into" >&2
}

# The runner obeys no commands in what is printed between these two lines.
quietly_for_the_runner() (
  [ "${GITHUB_ACTIONS:-}" = true ] || { "$@"; exit; }
  mark=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$mark" >&2
  status=0
  "$@" || status=$?
  printf '::%s::\n' "$mark" >&2
  exit "$status"
)

fail() {
  if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf 'result=%s\nreason=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
  fi
  tell error "$3" "$4"
  case $1 in invalid) exit 2 ;; *) exit 1 ;; esac
}

tell() {
  if [ "${GITHUB_ACTIONS:-}" = true ]; then
    printf '::%s title=lastgood::%s%%0Anext: %s\n' "$1" "$(clean "$2" | sed 's/%/%25/g')" "$(clean "$3" | sed 's/%/%25/g')"
  else
    printf '%s: %s\n  next: %s\n' "$1" "$(clean "$2")" "$(clean "$3")"
  fi >&2
}

# The runner obeys `::` at the start of a line and `##[` anywhere in it, and a terminal obeys control characters.
clean() {
  printf '%s' "$1" | tr '\n' ' ' | LC_ALL=C tr -c '[:print:]' '?' | sed 's/##\[/##(/g; s/::/: :/g' | cut -c 1-1000
}

have() {
  command -v "$1" >/dev/null 2>&1
}

main
