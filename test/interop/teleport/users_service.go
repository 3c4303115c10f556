//go:build !teleport_v13

package main

import (
	"reflect"

	"google.golang.org/grpc"

	userspb "github.com/gravitational/teleport/api/gen/proto/go/teleport/users/v1"
)

func init() {
	serviceInterfaces["teleport.users.v1.UsersService"] = reflect.TypeFor[userspb.UsersServiceServer]()
	registrations = append(registrations, func(server *grpc.Server) {
		userspb.RegisterUsersServiceServer(server, userspb.UnimplementedUsersServiceServer{})
	})
}
