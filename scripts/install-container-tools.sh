#!/usr/bin/env bash
# What the container tests need beside Node, from Debian and PyPI: an engine that needs no daemon (podman with runc), a maker of
# Debian root file systems, a validator of Compose files, and one of Kubernetes manifests. Nothing is done for what is there.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
for tool in podman runc mmdebstrap docker-compose python3; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
if ((${#missing[@]} > 0)); then
  apt-get update --quiet --quiet
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-install-recommends "${missing[@]}" >/dev/null
fi

tools=node_modules/.container-tools
if [[ ! -x $tools/bin/kubernetes-validate ]]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
fi
# kubectl renders kustomizations; where there is none, kustomize itself comes through the Go module proxy.
if ! kubectl kustomize --help >/dev/null 2>&1; then
  GOBIN="$PWD/$tools/bin" go install sigs.k8s.io/kustomize/kustomize/v5@v5.5.0
fi
