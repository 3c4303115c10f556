#!/usr/bin/env bash
# publish.sh FOLDER: the image for both architectures, the chart, and a release with the files of FOLDER (prepare.sh); all signed by cosign
# without a key, as the workflow that runs it. Needs IMAGE, CHARTS, GH_TOKEN, GITHUB_ACTOR, GITHUB_REF_NAME, GITHUB_SHA.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$1
version=${GITHUB_REF_NAME#v}
registry=${IMAGE%%/*}
docker login "$registry" --username "$GITHUB_ACTOR" --password-stdin <<<"$GH_TOKEN"
helm registry login "$registry" --username "$GITHUB_ACTOR" --password-stdin <<<"$GH_TOKEN"

# With BuildKit's own attestations: how it was built, and of what.
docker buildx create --use
docker buildx build --platform linux/amd64,linux/arm64 --push --provenance=mode=max --sbom=true \
  --build-arg VERSION="$version" --build-arg REVISION="$GITHUB_SHA" \
  --build-arg CREATED="$(git log -1 --format=%cI)" \
  --tag "$IMAGE:$version" --metadata-file "$folder/image.json" .
digest=$(sed -n 's/.*"containerimage.digest": "\(sha256:[0-9a-f]\{64\}\)".*/\1/p' "$folder/image.json")
cosign sign --yes "$IMAGE@$digest"
cosign attest --yes --type cyclonedx --predicate "$folder/sbom.cdx.json" "$IMAGE@$digest"

pushed=$(helm push "$folder/oncall-approver-chart-$version.tgz" "$CHARTS" 2>&1)
cosign sign --yes "${CHARTS#oci://}/oncall-approver@$(sed -n 's/^Digest: //p' <<<"$pushed")"

cosign sign-blob --yes --bundle "$folder/SHA256SUMS.sigstore.json" "$folder/SHA256SUMS"
printf '%s@%s\n' "$IMAGE" "$digest" >"$folder/image.txt"
awk -v head="## [$version]" 'index($0, head) == 1 {on = 1; next} /^## \[/ {on = 0} on' CHANGELOG.md >"$folder/notes.md"
gh release create "$GITHUB_REF_NAME" --verify-tag --title "$version" --notes-file "$folder/notes.md" \
  "$folder"/*.tgz "$folder"/{sbom.cdx.json,licences.txt,SHA256SUMS,SHA256SUMS.sigstore.json,image.txt}
