//go:build teleport_v13 || teleport_v15 || teleport_v16

package main

import "context"

// listPages: the clients before 15.2 list requests as a stream only.
func (s *scenario) listPages(context.Context) {}
