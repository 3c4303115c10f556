#!/usr/bin/env bash
# Builds the image from the Dockerfile without a Docker engine and without a container registry: podman, and stand-ins for both
# base images made of Debian's packages and of the Node binary that npm brought. Prints one line of JSON.
#
#   scripts/build-image.sh STORAGE     STORAGE: a folder for podman's images, kept between builds
set -euo pipefail
storage=$(realpath --canonicalize-missing "${1:?usage: scripts/build-image.sh STORAGE}")
cd "$(dirname "$0")/.."

node_version=$(node_modules/.bin/node --print 'process.versions.node')
debian=bookworm
mirror=http://deb.debian.org/debian
node_image=localhost/node:$node_version-$debian-slim
runtime_image=localhost/distroless-cc:$debian
podman() { command podman --root "$storage" "$@"; }

scratch=$(mktemp --directory)
trap 'rm --recursive --force "$scratch"' EXIT

# As in gcr.io/distroless/cc-debian12: unpacked, never configured; no shell, no package manager.
if ! podman image exists "$runtime_image"; then
  mmdebstrap --quiet --variant=extract --include=base-files,ca-certificates,libc6,libgcc-s1,libstdc++6,netbase,tzdata \
    "$debian" "$scratch/runtime" "$mirror"
  # Unpacking alone makes no bundle of the certificates.
  find "$scratch/runtime/usr/share/ca-certificates" -name '*.crt' -exec cat {} + >"$scratch/ca-certificates.crt"
  install -D --mode=644 "$scratch/ca-certificates.crt" "$scratch/runtime/etc/ssl/certs/ca-certificates.crt"
  rm --recursive --force "$scratch/runtime"/{usr/share/doc,usr/share/man,usr/share/locale,var/lib/apt,var/lib/dpkg,var/cache}
  tar --directory "$scratch/runtime" --create --file - . | podman import --quiet - "$runtime_image" >/dev/null
fi
# As in docker.io/library/node: Debian, Node below /usr/local, npm.
if ! podman image exists "$node_image"; then
  mmdebstrap --quiet --variant=minbase --include=ca-certificates,libatomic1,libstdc++6 "$debian" "$scratch/node" "$mirror"
  install -D node_modules/.bin/node "$scratch/node/usr/local/bin/node"
  npm install --silent --global --prefix "$scratch/node/usr/local" "npm@$(npm --version)"
  # npm in there must trust what this machine trusts, and reads from its cache what it has fetched before.
  install -D --mode=644 /etc/ssl/certs/ca-certificates.crt "$scratch/node/etc/ssl/certs/ca-certificates.crt"
  tar --directory "$scratch/node" --create --file - . |
    podman import --quiet --change ENV=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt - "$node_image" >/dev/null
fi

started=$EPOCHSECONDS
podman build --quiet --isolation chroot --format docker --pull=never --layers=false \
  --volume "$(npm config get cache):/root/.npm" \
  --build-arg NODE_VERSION="$node_version" --build-arg NODE_IMAGE="$node_image" --build-arg RUNTIME_IMAGE="$runtime_image" \
  --build-arg VERSION="$(node_modules/.bin/node --print 'require("./package.json").version')" \
  --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
  --build-arg CREATED="$(date --utc +%Y-%m-%dT%H:%M:%SZ)" \
  --tag localhost/oncall-approver:test . >&2
bytes=$(podman image inspect --format '{{.Size}}' localhost/oncall-approver:test)
printf '{"image":"localhost/oncall-approver:test","bytes":%s,"build_seconds":%s}\n' "$bytes" $((EPOCHSECONDS - started))
