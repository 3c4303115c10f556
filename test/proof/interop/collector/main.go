// The OTLP receiver of the OpenTelemetry collector on loopback. Prints what it takes, one JSON document a line, as the collector
// understood it, and ends when its input does.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

var printing sync.Mutex

func print(document []byte, err error) error {
	if err != nil {
		return err
	}
	printing.Lock()
	defer printing.Unlock()
	_, err = fmt.Printf("%s\n", document)
	return err
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	address := flag.String("listen", "127.0.0.1:4318", "where OTLP over HTTP is taken")
	flag.Parse()
	ctx := context.Background()
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	http := config.Protocols.HTTP.GetOrInsertDefault()
	http.ServerConfig.NetAddr.Endpoint = *address

	settings := receiver.Settings{TelemetrySettings: componenttest.NewNopTelemetrySettings()}
	settings.ID = newID(factory)
	traces := must(consumer.NewTraces(func(_ context.Context, taken ptrace.Traces) error {
		return print((&ptrace.JSONMarshaler{}).MarshalTraces(taken))
	}))
	metrics := must(consumer.NewMetrics(func(_ context.Context, taken pmetric.Metrics) error {
		return print((&pmetric.JSONMarshaler{}).MarshalMetrics(taken))
	}))
	one := must(factory.CreateTraces(ctx, settings, config, traces))
	other := must(factory.CreateMetrics(ctx, settings, config, metrics))
	must(0, one.Start(ctx, componenttest.NewNopHost()))
	must(0, other.Start(ctx, componenttest.NewNopHost()))
	fmt.Println(`{"listening":true}`)
	must(io.Copy(io.Discard, os.Stdin))
	must(0, one.Shutdown(ctx))
	must(0, other.Shutdown(ctx))
}

func newID(factory receiver.Factory) component.ID {
	return component.NewID(factory.Type())
}
