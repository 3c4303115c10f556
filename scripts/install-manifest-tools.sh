#!/usr/bin/env bash
# What the tests of manifests, chart and workflows need beside Node, none of it an engine: kustomize, helm and actionlint (Go), and
# Kubernetes' schemas (PyPI).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/bounded.sh

tools=${XDG_CACHE_HOME:-$HOME/.cache}/oncall-approver-tools
if [[ ! -x $tools/bin/kubernetes-validate ]]; then
  python3 -m venv "$tools"
  bounded 300 'pip install of kubernetes-validate' \
    "$tools/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
fi
export GOBIN="$tools/bin"
if [[ ! -x $tools/bin/kustomize ]]; then
  bounded 300 'go install of kustomize' go install sigs.k8s.io/kustomize/kustomize/v5@v5.5.0
fi
if [[ ! -x $tools/bin/helm ]]; then
  bounded 600 'go install of helm' go install helm.sh/helm/v3/cmd/helm@v3.22.0
fi
if [[ ! -x $tools/bin/actionlint ]]; then
  bounded 300 'go install of actionlint' go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
fi
