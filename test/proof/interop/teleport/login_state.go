package main

import (
	"reflect"

	"google.golang.org/grpc"

	loginstatepb "github.com/gravitational/teleport/api/gen/proto/go/teleport/userloginstate/v1"
)

func init() {
	serviceInterfaces["teleport.userloginstate.v1.UserLoginStateService"] = reflect.TypeFor[loginstatepb.UserLoginStateServiceServer]()
	registrations = append(registrations, func(server *grpc.Server) {
		loginstatepb.RegisterUserLoginStateServiceServer(server, loginstatepb.UnimplementedUserLoginStateServiceServer{})
	})
}
