#!/bin/sh
# The same in a plain shell, from cron or by hand: usage: deploy-and-watch.sh VERSION
#
# The exit code says how it ended; docs/endings.md lists them all.
set -eu

version=${1:?usage: deploy-and-watch.sh VERSION}
status=0
lastgood deploy --environment production --version "$version" || status=$?

case $status in
  0) echo "production runs $version" ;;
  4) echo "$version was sick; production is back on the last stable version" >&2 ;;
  5) echo "production needs a person: lastgood status -e production" >&2 ;;
  *) echo "nothing certain came of it: lastgood status -e production" >&2 ;;
esac
exit "$status"
