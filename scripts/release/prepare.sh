#!/usr/bin/env bash
# prepare.sh FOLDER: what a release consists of beside the image: package, chart, bill of materials, and their sums. Publishes nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p "$1"
npm pack --pack-destination "$1"
# Both are called oncall-approver-VERSION.tgz.
helm package charts/oncall-approver --destination "$1/chart"
for chart in "$1"/chart/*.tgz; do
  mv "$chart" "$1/oncall-approver-chart-${chart##*-}"
done
rmdir "$1/chart"
cp dist/sbom.cdx.json dist/licences.txt "$1"
cd "$1"
sha256sum -- *.tgz sbom.cdx.json licences.txt >SHA256SUMS
