// Reads Kubernetes manifests from standard input and decodes those of the Prometheus operator with the operator's own types, as
// strictly as `kubectl apply --validate=strict`: an unknown key, a key given twice or a value of another type is an error. Then
// asks what those types cannot tell, from the operator's documentation of the same fields. Prints one line for each resource.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/json"
	loose "sigs.k8s.io/yaml"
)

const group = "monitoring.coreos.com/v1"

// The pattern of monitoring.Duration, which is part of the operator's resource definition and not of its Go type.
var duration = regexp.MustCompile(`^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$`)

func main() {
	known, err := check(os.Stdin, os.Stdout)
	if err == nil && known == 0 {
		err = errors.New("no resource of " + group)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(input io.Reader, output io.Writer) (known int, err error) {
	documents := yaml.NewYAMLReader(bufio.NewReader(input))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return known, nil
		}
		if err != nil {
			return known, err
		}
		var head metav1.TypeMeta
		if err := loose.Unmarshal(document, &head); err != nil {
			return known, err
		}
		if head.APIVersion != group {
			continue
		}
		if err := decode(head.Kind, document); err != nil {
			return known, fmt.Errorf("%s: %w", head.Kind, err)
		}
		known++
		fmt.Fprintln(output, head.Kind)
	}
}

func decode(kind string, document []byte) error {
	switch kind {
	case monitoring.ServiceMonitorsKind:
		var monitor monitoring.ServiceMonitor
		if err := strictly(document, &monitor); err != nil {
			return err
		}
		return serviceMonitor(monitor.Spec)
	case monitoring.PrometheusRuleKind:
		var rule monitoring.PrometheusRule
		if err := strictly(document, &rule); err != nil {
			return err
		}
		return prometheusRule(rule.Spec)
	default:
		return errors.New("a kind that is not checked here")
	}
}

// By way of JSON that knows nothing of the Go type, as `kubectl` sends it: else a number would do where text is asked for.
func strictly(document []byte, into any) error {
	text, err := loose.YAMLToJSONStrict(document)
	if err != nil {
		return err
	}
	strictness, err := json.UnmarshalStrict(text, into)
	return errors.Join(append(strictness, err)...)
}

func serviceMonitor(spec monitoring.ServiceMonitorSpec) error {
	if len(spec.Selector.MatchLabels)+len(spec.Selector.MatchExpressions) == 0 {
		return errors.New("spec.selector: selects every service")
	}
	selector := validation.ValidateLabelSelector(&spec.Selector, validation.LabelSelectorValidationOptions{}, field.NewPath("spec", "selector"))
	if err := selector.ToAggregate(); err != nil {
		return err
	}
	if len(spec.Endpoints) == 0 {
		return errors.New("spec.endpoints: none")
	}
	for index, endpoint := range spec.Endpoints {
		at := fmt.Sprintf("spec.endpoints[%d]", index)
		if endpoint.Port == "" && endpoint.TargetPort == nil {
			return fmt.Errorf("%s.port: none", at)
		}
		for name, value := range map[string]monitoring.Duration{"interval": endpoint.Interval, "scrapeTimeout": endpoint.ScrapeTimeout} {
			if !duration.MatchString(string(value)) {
				return fmt.Errorf("%s.%s: %q is no duration", at, name, value)
			}
		}
	}
	return nil
}

func prometheusRule(spec monitoring.PrometheusRuleSpec) error {
	names := map[string]bool{}
	for index, group := range spec.Groups {
		at := fmt.Sprintf("spec.groups[%d]", index)
		if group.Name == "" || names[group.Name] {
			return fmt.Errorf("%s.name: %q is empty or taken", at, group.Name)
		}
		names[group.Name] = true
		for number, rule := range group.Rules {
			if (rule.Alert == "") == (rule.Record == "") {
				return fmt.Errorf("%s.rules[%d]: either alert or record", at, number)
			}
			if rule.Expr.String() == "" {
				return fmt.Errorf("%s.rules[%d].expr: none", at, number)
			}
			if rule.For != nil && !duration.MatchString(string(*rule.For)) {
				return fmt.Errorf("%s.rules[%d].for: %q is no duration", at, number, *rule.For)
			}
		}
	}
	return nil
}
