{{- define "oncall-approver.name" -}}
{{ default .Release.Name .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "oncall-approver.selector" -}}
app.kubernetes.io/name: oncall-approver
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "oncall-approver.metadata" -}}
name: {{ include "oncall-approver.name" . }}
labels:
  {{- include "oncall-approver.selector" . | nindent 2 }}
  app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* The configuration: what the chart knows, and over it what the values say. */ -}}
{{- define "oncall-approver.settings" -}}
{{- $ledger := dict "sqlite" "/var/lib/oncall-approver/ledger.sqlite" }}
{{- if .Values.ledger.postgres.enabled }}
{{- $ledger = dict "postgres" (dict "url_file" "/run/secrets/ledger/url") }}
{{- end }}
{{- if .Values.ledger.key }}
{{- $_ := set $ledger "key_file" "/run/secrets/oncall-approver/ledger-key" }}
{{- end }}
{{- $pagerduty := dict }}
{{- if not .Values.settings.pagerduty.oauth }}
{{- $_ := set $pagerduty "api_key_file" "/run/secrets/oncall-approver/pagerduty-key" }}
{{- end }}
{{- $known := dict
      "teleport" (dict "identity" "/run/identity/identity")
      "pagerduty" $pagerduty
      "ledger" $ledger
      "http" (dict "listen" "0.0.0.0:8080")
      "log" (dict "output" "stdout") }}
{{- toYaml (mustMergeOverwrite $known (deepCopy .Values.settings)) }}
{{- end }}

{{- define "oncall-approver.hardened" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
