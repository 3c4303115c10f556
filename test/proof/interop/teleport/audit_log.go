package main

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/gravitational/trace"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"

	auditlogpb "github.com/gravitational/teleport/api/gen/proto/go/teleport/auditlog/v1"
	"github.com/gravitational/teleport/api/types"
)

func init() {
	serviceInterfaces["teleport.auditlog.v1.AuditLogService"] = reflect.TypeFor[auditlogpb.AuditLogServiceServer]()
	registrations = append(registrations, func(server *grpc.Server) {
		auditlogpb.RegisterAuditLogServiceServer(server, auditlogpb.UnimplementedAuditLogServiceServer{})
	})
}

// fillStruct makes an event of the audit log, whose values are any JSON.
func fillStruct(v reflect.Value, from any) error {
	fields, ok := from.(plain)
	if !ok {
		return fmt.Errorf("%v is no object", from)
	}
	made, err := structpb.NewStruct(fields)
	if err != nil {
		return err
	}
	v.Set(reflect.ValueOf(made))
	return nil
}

// auditLog searches for what the simulated cluster was told before, page by page.
func (s *scenario) auditLog(ctx context.Context) {
	search := func(key string) ([]*auditlogpb.EventUnstructured, string, error) {
		return s.service.SearchUnstructuredEvents(ctx, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), "default",
			[]string{"session.start", "session.end"}, 1, types.EventOrderAscending, key)
	}
	first, key, err := search("")
	s.out.Check("searches the audit log", err)
	if err != nil || len(first) != 1 {
		s.out.Equal("there is one event on a page", len(first), 1)
		return
	}
	s.out.Equal("the oldest event comes first", first[0].Type, "session.start")
	fields := first[0].Unstructured.AsMap()
	s.out.Equal("the event has its fields", fields["server_hostname"], any("web-1"))
	s.out.Equal("the event names the requests", fmt.Sprint(fields["access_requests"]), "[request-1]")
	second, last, err := search(key)
	s.out.Check("searches on from where the page ended", err)
	s.out.Equal("the next page has the next event", len(second) == 1 && second[0].Type == "session.end", true)
	s.out.Equal("nothing follows", last, "")
	_, _, err = s.requester.SearchUnstructuredEvents(ctx, time.Now().Add(-time.Hour), time.Now(), "default",
		nil, 1, types.EventOrderAscending, "")
	s.out.Equal("whoever may not list events is denied", trace.IsAccessDenied(err), true)
}
