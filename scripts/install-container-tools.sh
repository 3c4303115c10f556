#!/usr/bin/env bash
# What the container tests need beside Node, each only where it is missing: an engine that needs no daemon (Debian's podman with
# runc), a maker of Debian root file systems, and validators: Kubernetes' schemas (PyPI), the parsers of kustomize and of Docker
# Compose (Go).
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
for tool in podman runc mmdebstrap python3; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
if ((${#missing[@]} > 0)); then
  apt-get update --quiet --quiet
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-install-recommends "${missing[@]}" >/dev/null
fi

tools=${XDG_CACHE_HOME:-$HOME/.cache}/oncall-approver-tools
if [[ ! -x $tools/bin/kubernetes-validate ]]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
fi
if [[ ! -x $tools/bin/kustomize ]]; then
  GOBIN="$tools/bin" go install sigs.k8s.io/kustomize/kustomize/v5@v5.5.0
fi
if [[ ! -x $tools/bin/compose-go ]]; then
  GOBIN="$tools/bin" go install github.com/compose-spec/compose-go/v2/cmd@v2.16.2
  mv "$tools/bin/cmd" "$tools/bin/compose-go"
fi
