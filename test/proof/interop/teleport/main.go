// Command teleport is the other side of the service's Teleport adapter, made of Teleport's own published Go module: its
// generated messages and server interface (`serve`), and its official client (`client`). It is driven over standard
// input and output, one line of JSON each.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/gravitational/teleport/api"
	authpb "github.com/gravitational/teleport/api/client/proto"
)

func init() {
	registrations = append(registrations, func(server *grpc.Server) {
		authpb.RegisterAuthServiceServer(server, &authpb.UnimplementedAuthServiceServer{})
	})
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "serve":
		return serve(arguments[1])
	case len(arguments) > 0 && arguments[0] == "client":
		options, err := parseClientOptions(arguments[1:])
		if err != nil {
			return err
		}
		return runClient(options)
	default:
		return errors.New("usage: teleport serve FOLDER | teleport client --help")
	}
}

func parseClientOptions(arguments []string) (clientOptions, error) {
	var options clientOptions
	flags := flag.NewFlagSet("teleport client", flag.ContinueOnError)
	flags.StringVar(&options.addr, "addr", "", "host:port of the auth server, or of the proxy")
	flags.BoolVar(&options.viaProxy, "proxy", false, "addr is the proxy's")
	flags.BoolVar(&options.upgrade, "upgrade", false, "connections are upgraded, as behind a load balancer")
	flags.BoolVar(&options.reviews, "reviews", false, "the cluster is an Enterprise one")
	flags.StringVar(&options.service, "service", "", "identity file of the service")
	flags.StringVar(&options.serviceUser, "service-user", "", "user of that identity")
	flags.StringVar(&options.requester, "requester", "", "identity file of the requester")
	flags.StringVar(&options.requesterUser, "requester-user", "", "user of that identity")
	return options, flags.Parse(arguments)
}

// serve listens as an auth server, writes an identity file for it into folder, prints where, and obeys commands.
func serve(folder string) error {
	hosts, err := newAuthority()
	if err != nil {
		return err
	}
	users, err := newAuthority()
	if err != nil {
		return err
	}
	config, err := serverConfig(hosts, users)
	if err != nil {
		return err
	}
	identity := filepath.Join(folder, "identity")
	if err := writeIdentity(identity, "oncall-approver", hosts, users); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	situations := newSituations()
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(config)),
		grpc.UnaryInterceptor(situations.unary),
		grpc.StreamInterceptor(situations.stream),
	)
	registerServices(server)
	go server.Serve(listener)
	defer server.Stop()

	started := map[string]string{
		"version": api.Version, "addr": listener.Addr().String(), "identity": identity, "cluster": clusterName,
	}
	if err := json.NewEncoder(os.Stdout).Encode(started); err != nil {
		return err
	}
	return serveCommands(os.Stdin, os.Stdout, situations)
}
