#!/bin/sh
# Install a lock file and say how far it is; what pip says itself goes into a log beside the packages.
# Usage: install-packages.sh PYTHON LOCK LOG
set -eu
python=$1
lock=$2
log=$3
SPEAK_SECONDS=10

total=$(grep -c '^[a-z0-9][a-z0-9._-]*\(\[.*\]\)\{0,1\}==' "$lock")
echo "Installing $total packages, about 5 GB on disk: 2 to 10 minutes, only this once."
"$python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
    --require-hashes --no-deps -r "$lock" >"$log" 2>&1 &
pip=$!
trap 'kill "$pip" 2>/dev/null; exit 130' INT TERM

waited=0
while kill -0 "$pip" 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
    [ $((waited % SPEAK_SECONDS)) -eq 0 ] || continue
    fetched=$(grep -c '^Collecting' "$log" || true)
    if grep -q '^Installing collected packages' "$log"; then
        echo "  ${waited} s: all fetched, unpacking them"
    else
        echo "  ${waited} s: fetched $fetched of $total"
    fi
done
wait "$pip" || {
    code=$?
    tail -n 15 "$log" >&2
    echo "The packages could not be installed; all that pip said is in $log." >&2
    echo "Nothing is broken: run the same command again, it goes on with what is there." >&2
    exit "$code"
}
