//go:build !teleport_v13

package main

import (
	"context"
	"reflect"

	"google.golang.org/grpc"

	"github.com/gravitational/teleport/api/client"
	userspb "github.com/gravitational/teleport/api/gen/proto/go/teleport/users/v1"
	"github.com/gravitational/teleport/api/types"
)

func init() {
	serviceInterfaces["teleport.users.v1.UsersService"] = reflect.TypeFor[userspb.UsersServiceServer]()
	registrations = append(registrations, func(server *grpc.Server) {
		userspb.RegisterUsersServiceServer(server, userspb.UnimplementedUsersServiceServer{})
	})
}

func getUser(ctx context.Context, c *client.Client, name string) (types.User, error) {
	return c.GetUser(ctx, name, false)
}
