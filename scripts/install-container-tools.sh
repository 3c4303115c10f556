#!/usr/bin/env bash
# What the container tests need beside Node, each only where it is missing: an engine that needs no daemon (Debian's podman with
# runc), a maker of Debian root file systems, an emulator of arm64, and validators: Kubernetes' schemas (PyPI), the parsers of
# kustomize and of Docker Compose, and the types of the Prometheus operator (Go).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/bounded.sh

missing=()
for tool in podman runc mmdebstrap python3; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
[[ $(dpkg --print-architecture) == arm64 ]] || command -v qemu-aarch64-static >/dev/null || missing+=(qemu-user-static)
if ((${#missing[@]} > 0)); then
  bounded 300 'apt-get update' apt-get update --quiet --quiet
  DEBIAN_FRONTEND=noninteractive bounded 300 "apt-get install of ${missing[*]}" \
    apt-get install --yes --quiet --quiet --no-install-recommends "${missing[@]}" >/dev/null
fi

scripts/install-manifest-tools.sh
tools=${XDG_CACHE_HOME:-$HOME/.cache}/oncall-approver-tools
export GOBIN="$tools/bin"
if [[ ! -x $tools/bin/compose-go ]]; then
  bounded 300 'go install of compose-go' go install github.com/compose-spec/compose-go/v2/cmd@v2.16.2
  mv "$tools/bin/cmd" "$tools/bin/compose-go"
fi
# Ours, so made anew: Go itself knows when there is nothing to do.
bounded 300 'go build of monitoring-validate' \
  go build -C test/proof/container/monitoring -mod=readonly -o "$tools/bin/monitoring-validate" .
