#!/usr/bin/env bash
# check-version.sh TAG: whether package, chart, image and changelog all are of the version that the tag names.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1#v}
wrong=0
is() {
  [[ $2 == "$version" ]] || { printf '%s says %s, and the tag %s\n' "$1" "${2:-nothing}" "$version" >&2; wrong=1; }
}
is package.json "$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)"
is 'Chart.yaml, version,' "$(sed -n 's/^version: //p' charts/oncall-approver/Chart.yaml)"
is 'Chart.yaml, appVersion,' "$(sed -n 's/^appVersion: //p' charts/oncall-approver/Chart.yaml)"
is Dockerfile "$(sed -n 's/^ARG VERSION=//p' Dockerfile)"
is CHANGELOG.md "$(sed -n 's/^## \[\([0-9][^]]*\)\].*/\1/p' CHANGELOG.md | head -n 1)"
exit "$wrong"
