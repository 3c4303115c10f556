//go:build teleport_v13

package main

import (
	"context"

	"github.com/gravitational/teleport/api/client"
	"github.com/gravitational/teleport/api/types"
)

// getUser: before 15 users come from AuthService, and its client takes no context.
func getUser(_ context.Context, c *client.Client, name string) (types.User, error) {
	return c.GetUser(name, false)
}
