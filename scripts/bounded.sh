# For `source`: an end for programs that wait for the network or for a container engine.

# bounded SECONDS WHAT COMMAND…: COMMAND's own exit code. A COMMAND that is not done after SECONDS is ended, WHAT hung is said,
# and it is tried a second time: a mirror that stalls once seldom stalls twice. COMMAND reads no standard input.
bounded() {
  local seconds=$1 what=$2 attempt code
  shift 2
  for attempt in first second; do
    code=0
    timeout --kill-after=10 "$seconds" "$@" </dev/null || code=$?
    # 124: ended in time by SIGTERM; 137: only SIGKILL helped.
    ((code == 124 || code == 137)) || return "$code"
    printf '%s: hung: %s, not done after %s s (%s attempt)\n' "$0" "$what" "$seconds" "$attempt" >&2
  done
  return "$code"
}
