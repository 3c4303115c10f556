package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gravitational/teleport/api/client"
	"github.com/gravitational/teleport/api/types"
	"github.com/gravitational/trace"

	"oncall-approver/test/interop/report"
)

// clientTime bounds everything a client does; a simulator that does not answer is a failure, not a hang.
const clientTime = 30 * time.Second

type clientOptions struct {
	addr string
	// viaProxy sends everything through the proxy's web port, by TLS routing.
	viaProxy bool
	// upgrade has connections upgraded to the proxy, in the form that the version knows.
	upgrade bool
	// reviews tells an Enterprise cluster, which resolves by review, from a Community one, which sets the state.
	reviews                    bool
	service, requester         string
	serviceUser, requesterUser string
}

// runClient drives a cluster with Teleport's official client: the requester asks, the service watches and decides.
func runClient(options clientOptions) error {
	ctx, cancel := context.WithTimeout(context.Background(), clientTime)
	defer cancel()
	out := report.New(os.Stdout)

	requester, err := connect(ctx, options, options.requester)
	out.Check("connects as the requester, with an identity file that teleport's own code reads", err)
	if err != nil {
		return nil
	}
	defer requester.Close()
	service, err := connect(ctx, options, options.service)
	out.Check("connects as the service", err)
	if err != nil {
		return nil
	}
	defer service.Close()

	s := &scenario{options: options, out: out, service: service, requester: requester}
	s.ping(ctx)
	s.users(ctx)
	s.decide(ctx)
	s.pluginData(ctx)
	s.lock(ctx)
	s.auditLog(ctx)
	return nil
}

func connect(ctx context.Context, options clientOptions, identity string) (*client.Client, error) {
	config := client.Config{
		Addrs:       []string{options.addr},
		Credentials: []client.Credentials{client.LoadIdentityFile(identity)},
		// The proxy's web certificate is not what these checks are about: the session to auth is verified end to end.
		InsecureAddressDiscovery: true,
	}
	if options.viaProxy {
		config.ALPNSNIAuthDialClusterName = clusterName
		config.ALPNConnUpgradeRequired = options.upgrade
	}
	return client.New(ctx, config)
}

type scenario struct {
	options            clientOptions
	out                *report.Report
	service, requester *client.Client
	request            string
}

func (s *scenario) ping(ctx context.Context) {
	answer, err := s.service.Ping(ctx)
	s.out.Check("pings", err)
	s.out.Equal("the ping names the cluster", answer.ClusterName, clusterName)
	s.out.Equal("the ping tells the edition", answer.GetServerFeatures().GetAdvancedAccessWorkflows(), s.options.reviews)
}

func (s *scenario) users(ctx context.Context) {
	user, err := getUser(ctx, s.service, s.options.requesterUser)
	s.out.Check("reads a user", err)
	if err == nil {
		s.out.Equal("the user carries the traits", fmt.Sprint(user.GetTraits()["email"]), "[sre-3@example.com]")
		s.out.Equal("the user was made by sso", user.GetCreatedBy().Connector != nil, true)
	}
	_, err = getUser(ctx, s.service, "nobody")
	s.out.Equal("a user that does not exist is not found", trace.IsNotFound(err), true)
}

func (s *scenario) decide(ctx context.Context) {
	watcher, err := s.service.NewWatcher(ctx, types.Watch{Kinds: []types.WatchKind{{Kind: types.KindAccessRequest}}})
	s.out.Check("opens a watch", err)
	if err != nil {
		return
	}
	defer watcher.Close()
	_, err = next(ctx, watcher, types.OpInit)
	s.out.Check("the watch begins with init", err)

	wanted, err := types.NewAccessRequest("01890a5d-ac96-774b-bcce-b302099a8057", s.options.requesterUser, "prodaccess")
	if err == nil {
		wanted.SetRequestReason("the payments queue is stuck")
		wanted, err = s.requester.CreateAccessRequestV2(ctx, wanted)
	}
	s.out.Check("creates a request", err)
	if err != nil {
		return
	}
	s.request = wanted.GetName()
	s.out.Equal("the created request is pending", wanted.GetState().String(), "PENDING")

	put, err := nextRequest(ctx, watcher)
	s.out.Check("the watch puts the request", err)
	if err == nil {
		s.out.Equal("the watch puts the same request", put.GetName(), s.request)
		s.out.Equal("the watch carries the reason", put.GetRequestReason(), "the payments queue is stuck")
	}
	pending, err := s.service.GetAccessRequests(ctx, types.AccessRequestFilter{State: types.RequestState_PENDING})
	s.out.Check("lists pending requests", err)
	s.out.Equal("the request is listed", len(pending) == 1 && pending[0].GetName() == s.request, true)
	s.listPages(ctx)

	if s.options.reviews {
		s.review(ctx)
	} else {
		s.setState(ctx)
	}
	put, err = nextRequest(ctx, watcher)
	s.out.Check("the watch puts the resolved request", err)
	if err == nil {
		s.out.Equal("the request is approved", put.GetState().String(), "APPROVED")
		s.out.Equal("the request carries the reason of its resolution", put.GetResolveReason(), "on call")
	}
	s.out.Check("deletes the request", s.requesterDeletes(ctx))
}

func (s *scenario) review(ctx context.Context) {
	review := func(id string) (types.AccessRequest, error) {
		return s.service.SubmitAccessReview(ctx, types.AccessReviewSubmission{
			RequestID: id,
			Review:    types.AccessReview{ProposedState: types.RequestState_APPROVED, Reason: "on call"},
		})
	}
	_, err := review("01890a5d-ac96-774b-bcce-000000000000")
	s.out.Equal("a review of no request is not found", trace.IsNotFound(err), true)
	after, err := review(s.request)
	s.out.Check("reviews the request", err)
	if err == nil {
		s.out.Equal("the review approves it", after.GetState().String(), "APPROVED")
		s.out.Equal("the review has its author", after.GetReviews()[0].Author, s.options.serviceUser)
	}
	_, err = review(s.request)
	s.out.Equal("a second review is refused", trace.IsAccessDenied(err) || trace.IsAlreadyExists(err), true)
	err = s.service.SetAccessRequestState(ctx, types.AccessRequestUpdate{RequestID: s.request, State: types.RequestState_DENIED})
	s.out.Equal("setting the state is denied to a reviewer", trace.IsAccessDenied(err), true)
}

func (s *scenario) setState(ctx context.Context) {
	_, err := s.service.SubmitAccessReview(ctx, types.AccessReviewSubmission{
		RequestID: s.request,
		Review:    types.AccessReview{ProposedState: types.RequestState_APPROVED},
	})
	s.out.Equal("a review is denied on community", trace.IsAccessDenied(err), true)
	err = s.service.SetAccessRequestState(ctx, types.AccessRequestUpdate{
		RequestID: s.request, State: types.RequestState_APPROVED, Reason: "on call",
	})
	s.out.Check("sets the state", err)
}

// requesterDeletes gives what the deletion failed with, other than a refusal: a requester may not delete.
func (s *scenario) requesterDeletes(ctx context.Context) error {
	err := s.requester.DeleteAccessRequest(ctx, s.request)
	if trace.IsAccessDenied(err) {
		return nil
	}
	return err
}

func (s *scenario) pluginData(ctx context.Context) {
	update := func(expect, set string) error {
		return s.service.UpdatePluginData(ctx, types.PluginDataUpdateParams{
			Kind: types.KindAccessRequest, Resource: s.request, Plugin: "oncall-approver",
			Set: map[string]string{"incident": set}, Expect: map[string]string{"incident": expect},
		})
	}
	s.out.Check("writes plugin data", update("", "PINC1"))
	s.out.Equal("a stale expectation is a failed comparison", trace.IsCompareFailed(update("", "PINC2")), true)
	s.out.Check("swaps plugin data", update("PINC1", "PINC2"))
	data, err := s.service.GetPluginData(ctx, types.PluginDataFilter{
		Kind: types.KindAccessRequest, Resource: s.request, Plugin: "oncall-approver",
	})
	s.out.Check("reads plugin data", err)
	if err == nil {
		s.out.Equal("there is one record", len(data), 1)
	}
	for _, record := range data {
		s.out.Equal("the record has what was set", record.Entries()["oncall-approver"].Data["incident"], "PINC2")
	}
}

func (s *scenario) lock(ctx context.Context) {
	lock, err := types.NewLock("oncall-approver-test", types.LockSpecV2{
		Target: types.LockTarget{User: "outsider@example.com"}, Message: "the shift is over",
	})
	if err == nil {
		err = s.service.UpsertLock(ctx, lock)
	}
	s.out.Check("locks", err)
	found, err := s.service.GetLock(ctx, "oncall-approver-test")
	s.out.Check("reads the lock", err)
	if err == nil {
		s.out.Equal("the lock has its message", found.Message(), "the shift is over")
	}
}

// next waits for one event of a watch, which must be of the given kind.
func next(ctx context.Context, watcher types.Watcher, want types.OpType) (types.Event, error) {
	select {
	case event := <-watcher.Events():
		if event.Type != want {
			return event, fmt.Errorf("got %v instead of %v", event.Type, want)
		}
		return event, nil
	case <-watcher.Done():
		return types.Event{}, fmt.Errorf("the watch ended: %w", watcher.Error())
	case <-ctx.Done():
		return types.Event{}, ctx.Err()
	}
}

func nextRequest(ctx context.Context, watcher types.Watcher) (types.AccessRequest, error) {
	event, err := next(ctx, watcher, types.OpPut)
	if err != nil {
		return nil, err
	}
	request, ok := event.Resource.(types.AccessRequest)
	if !ok {
		return nil, fmt.Errorf("got %T instead of an access request", event.Resource)
	}
	return request, nil
}
