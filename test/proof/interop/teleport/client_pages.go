//go:build !teleport_v13 && !teleport_v15 && !teleport_v16

package main

import (
	"context"

	authpb "github.com/gravitational/teleport/api/client/proto"
	"github.com/gravitational/teleport/api/types"
)

func (s *scenario) listPages(ctx context.Context) {
	page, err := s.service.ListAccessRequests(ctx, &authpb.ListAccessRequestsRequest{
		Filter: &types.AccessRequestFilter{State: types.RequestState_PENDING},
		Sort:   authpb.AccessRequestSort_CREATED,
		Limit:  1,
	})
	s.out.Check("lists a page of requests", err)
	if err == nil {
		s.out.Equal("the page has the request", len(page.AccessRequests), 1)
		s.out.Equal("there is no further page", page.NextKey, "")
	}
}
