{{- /* Only what Go's templates have themselves, none of Helm's functions: so the chart can be rendered and checked without Helm. */ -}}

{{- define "decant.pod_security" -}}
runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        seccompProfile:
          type: {{ .Values.seccompProfile.type }}
          {{- if .Values.seccompProfile.localhostProfile }}
          localhostProfile: {{ .Values.seccompProfile.localhostProfile }}
          {{- end }}
{{- end -}}

{{- define "decant.container_security" -}}
allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
{{- end -}}

{{- define "decant.environment" -}}
envFrom:
            - secretRef:
                name: {{ .Values.secretName }}
          env:
            {{- range $name, $value := .Values.settings }}
            - {name: {{ $name }}, value: {{ printf "%q" $value }}}
            {{- end }}
            - {name: DECANT_DRAIN_BUDGET, value: "{{ .Values.drainSeconds }}s"}
{{- end -}}

{{- define "decant.metrics_environment" -}}
{{- if .Values.metrics.enabled }}
            - {name: DECANT_METRICS_LISTEN, value: "0.0.0.0:{{ .Values.metrics.port }}"}
{{- end -}}
{{- end -}}

{{- define "decant.scrape_annotations" -}}
{{- if and .Values.metrics.enabled (not .Values.metrics.podMonitor) }}
        prometheus.io/scrape: "true"
        prometheus.io/port: "{{ .Values.metrics.port }}"
{{- end -}}
{{- end -}}
