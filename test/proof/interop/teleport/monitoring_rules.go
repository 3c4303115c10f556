//go:build !teleport_v13 && !teleport_v15 && !teleport_v16

package main

import (
	"reflect"

	"google.golang.org/grpc"

	rulespb "github.com/gravitational/teleport/api/gen/proto/go/teleport/accessmonitoringrules/v1"
)

func init() {
	serviceInterfaces["teleport.accessmonitoringrules.v1.AccessMonitoringRulesService"] = reflect.TypeFor[rulespb.AccessMonitoringRulesServiceServer]()
	registrations = append(registrations, func(server *grpc.Server) {
		rulespb.RegisterAccessMonitoringRulesServiceServer(server, rulespb.UnimplementedAccessMonitoringRulesServiceServer{})
	})
}
