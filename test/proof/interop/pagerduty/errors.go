package main

import (
	"context"
	"errors"
	"net/http"

	pd "github.com/PagerDuty/go-pagerduty"
)

func (r *run) errors(ctx context.Context) {
	_, err := r.read.GetUserWithContext(ctx, "PNOBODY", pd.GetUserOptions{})
	r.refused("a user that does not exist", err, http.StatusNotFound)
	var refusal pd.APIError
	r.out.Equal("the client takes it for not found", errors.As(err, &refusal) && refusal.NotFound(), true)

	stranger := pd.NewClient("no-such-key", pd.WithAPIEndpoint(r.url))
	_, err = stranger.ListUsersWithContext(ctx, pd.ListUsersOptions{})
	refusal = pd.APIError{}
	r.out.Equal("a wrong key is refused", errors.As(err, &refusal) && refusal.StatusCode == http.StatusUnauthorized, true)

	r.rateLimited(ctx)
	r.serverErrors(ctx)
}

func (r *run) rateLimited(ctx context.Context) {
	if !r.check("arms a rate limit", r.control.do(ctx, "/faults", map[string]any{
		"kind": "rate-limited", "times": 1, "resetSeconds": 7,
	}, nil)) {
		return
	}
	client := pd.NewClient(r.readKey, pd.WithAPIEndpoint(r.url))
	client.SetDebugFlag(pd.DebugCaptureLastResponse)
	_, err := client.ListUsersWithContext(ctx, pd.ListUsersOptions{})
	var refusal pd.APIError
	r.out.Equal("the client takes a 429 for a rate limit", errors.As(err, &refusal) && refusal.RateLimited(), true)
	r.out.Equal("the client takes a 429 for temporary", refusal.Temporary(), true)
	r.out.Equal("a 429 has its error object", refusal.APIError.Valid, true)
	if response, captured := client.LastAPIResponse(); captured {
		r.out.Equal("a 429 tells when the limit is over", response.Header.Get("ratelimit-reset"), "7")
		r.out.Equal("a 429 tells that nothing is left", response.Header.Get("ratelimit-remaining"), "0")
	} else {
		r.out.Check("a 429 tells when the limit is over", errors.New("no response was captured"))
	}
}

func (r *run) serverErrors(ctx context.Context) {
	for _, fault := range []string{"status", "html"} {
		if !r.check("arms the fault "+fault, r.control.do(ctx, "/faults", map[string]any{"kind": fault, "times": 1}, nil)) {
			continue
		}
		_, err := r.read.ListUsersWithContext(ctx, pd.ListUsersOptions{})
		var refusal pd.APIError
		r.out.Equal("the client takes the fault "+fault+" for temporary", errors.As(err, &refusal) && refusal.Temporary(), true)
	}
}
