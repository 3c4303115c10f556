#!/usr/bin/env bash
# Builds the image from the Dockerfile without a Docker engine and without a container registry: podman, and stand-ins for both
# base images made of Debian's packages and of the Node binaries that npm has. Prints one line of JSON.
#
#   scripts/build-image.sh STORAGE [ARCHITECTURE]
#
# STORAGE: a folder for podman's images, kept between builds. ARCHITECTURE: amd64 or arm64, this machine's own unless given; no
# emulator is needed for the other one.
set -euo pipefail
usage='usage: scripts/build-image.sh STORAGE [amd64|arm64]'
storage=$(realpath --canonicalize-missing "${1:?$usage}")
own=$(dpkg --print-architecture)
architecture=${2:-$own}
cd "$(dirname "$0")/.."
source scripts/bounded.sh

case $architecture in
  amd64) npm_architecture=x64 ;;
  arm64) npm_architecture=arm64 ;;
  *) echo "$usage" >&2 && exit 2 ;;
esac
node_version=$(node_modules/.bin/node --print 'process.versions.node')
debian=bookworm
node_image=localhost/stand-in/node:$node_version-$debian-slim
runtime_image=localhost/stand-in/distroless-cc:$debian
image=localhost/oncall-approver:test
[[ $architecture == "$own" ]] || image+=-$architecture
podman=(podman --root "$storage")

# One build at a time in a storage.
mkdir --parents "$storage"
exec 9>"$storage/oncall-approver-build.lock"
flock --timeout 900 9 || { echo "$0: hung: another build in $storage, not done after 900 s" >&2 && exit 1; }
scratch=$(mktemp --directory)
trap 'rm --recursive --force "$scratch"' EXIT

# From the mirror that this machine itself installs from; where it is no Debian, from the one that mmdebstrap knows.
debian_root() {
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null | sort --unique | head --lines=1)
  bounded 300 "mmdebstrap for $1" mmdebstrap --quiet --architectures="$1" "${@:2}" "$debian" "$scratch/root.tar" ${mirror:+"$mirror"}
}

# stand_in IMAGE ARCHITECTURE: the root file system just made, as one platform of IMAGE.
stand_in() {
  bounded 120 "podman import of $1" "${podman[@]}" import --quiet --os linux --arch "$2" \
    --change ENV=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$scratch/root.tar" "$1-$2" >/dev/null
  rm "$scratch/root.tar"
}

# platforms IMAGE: one name for every architecture there is of it, as in a registry.
platforms() {
  local each
  "${podman[@]}" manifest exists "$1" && "${podman[@]}" manifest rm "$1" >/dev/null
  "${podman[@]}" manifest create "$1" >/dev/null
  for each in amd64 arm64; do
    "${podman[@]}" image exists "$1-$each" || continue
    "${podman[@]}" manifest add "$1" "containers-storage:$1-$each" >/dev/null
  done
}

# As in gcr.io/distroless/cc-debian12: unpacked, never configured; no shell, no package manager. Unpacking alone makes no bundle
# of the certificates.
if ! "${podman[@]}" image exists "$runtime_image-$architecture"; then
  debian_root "$architecture" --variant=extract --include=base-files,ca-certificates,libc6,libgcc-s1,libstdc++6,netbase,tzdata \
    --extract-hook='find "$1/usr/share/ca-certificates" -name "*.crt" -exec cat {} + >"$1/etc/ssl/certs/ca-certificates.crt"' \
    --extract-hook='cd "$1" && rm -rf usr/share/doc usr/share/man usr/share/locale var/lib/apt var/lib/dpkg var/cache'
  stand_in "$runtime_image" "$architecture"
fi
# As in docker.io/library/node: Debian, Node below /usr/local, npm. npm in there must trust what this machine trusts.
if ! "${podman[@]}" image exists "$node_image-$own"; then
  bounded 300 'npm install of npm' npm install --silent --global --prefix "$scratch/npm" "npm@$(npm --version)"
  debian_root "$own" --variant=minbase --include=ca-certificates,libatomic1,libstdc++6 \
    --customize-hook="install -D node_modules/.bin/node \"\$1/usr/local/bin/node\"" \
    --customize-hook="cp --recursive --no-target-directory $scratch/npm \"\$1/usr/local\"" \
    --customize-hook='install -D --mode=644 /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"'
  stand_in "$node_image" "$own"
fi
# Of another architecture nothing is run: Node's binary and the library it is linked with.
if ! "${podman[@]}" image exists "$node_image-$architecture"; then
  bounded 300 "npm pack of Node for $architecture" npm pack --silent --pack-destination "$scratch" \
    "node-linux-$npm_architecture@$node_version" >/dev/null
  debian_root "$architecture" --variant=extract --include=libatomic1 \
    --extract-hook="mkdir -p \"\$1/usr/local\" && tar -xzf $scratch/node-linux-*.tgz -C \"\$1/usr/local\" --strip-components=1 package/bin/node"
  stand_in "$node_image" "$architecture"
fi
platforms "$node_image"
platforms "$runtime_image"

# The platforms are given by hand: podman before 4.4 does not know its own.
build() {
  bounded 600 "podman build of $1" "${podman[@]}" build --quiet --isolation chroot --format docker --pull=never --layers \
    --volume "$(npm config get cache):/root/.npm" \
    --platform "linux/$architecture" --build-arg BUILDPLATFORM="linux/$own" --build-arg TARGETPLATFORM="linux/$architecture" \
    --build-arg NODE_VERSION="$node_version" --build-arg NODE_IMAGE="$node_image" --build-arg RUNTIME_IMAGE="$runtime_image" \
    --build-arg VERSION="$(node_modules/.bin/node --print 'require("./package.json").version')" \
    --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
    --build-arg CREATED="$(date --utc +%Y-%m-%dT%H:%M:%SZ)" \
    "${@:2}" "${CONTEXT:-.}" >&2
}
started=$EPOCHSECONDS
# Named, so that the next build, for another architecture above all, finds it made already.
build 'the compiled source' --target build --tag localhost/oncall-approver-build:test
build "the image for $architecture" --tag "$image"
# What these names meant before.
bounded 120 'podman image prune' "${podman[@]}" image prune --force >/dev/null
bytes=$("${podman[@]}" image inspect --format '{{.Size}}' "$image")
printf '{"image":"%s","architecture":"%s","bytes":%s,"build_seconds":%s}\n' \
  "$image" "$architecture" "$bytes" $((EPOCHSECONDS - started))
