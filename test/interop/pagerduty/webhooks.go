package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/PagerDuty/go-pagerduty/webhookv3"
)

const (
	newSecret = "webhook-secret-new-01"
	oldSecret = "webhook-secret-old-01"
)

// delivery is a webhook as it arrived.
type delivery struct {
	header http.Header
	body   []byte
}

func (r *run) webhooks(ctx context.Context) {
	deliveries := make(chan delivery, 16)
	receiver := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			response.WriteHeader(http.StatusInternalServerError)
			return
		}
		deliveries <- delivery{request.Header, body}
		response.WriteHeader(http.StatusAccepted)
	}))
	defer receiver.Close()

	// Two secrets, as while one replaces the other.
	if !r.check("subscribes to webhooks", r.control.do(ctx, "/webhooks", map[string]any{
		"url": receiver.URL, "secrets": []string{newSecret, oldSecret},
	}, nil)) {
		return
	}
	if !r.check("triggers an alert", r.control.do(ctx, "/alert", map[string]any{
		"service": "Payments API", "title": "the payments queue is stuck",
	}, nil)) {
		return
	}
	select {
	case received := <-deliveries:
		r.signatures(received)
	case <-ctx.Done():
		r.out.Check("a webhook arrives", ctx.Err())
	}
}

func (r *run) signatures(received delivery) {
	verify := func(body []byte, header http.Header, secret string) error {
		return webhookv3.VerifySignature(&http.Request{Header: header, Body: io.NopCloser(bytes.NewReader(body))}, secret)
	}
	r.out.Check("the signature holds with the new secret", verify(received.body, received.header, newSecret))
	r.out.Check("the signature holds with the old secret", verify(received.body, received.header, oldSecret))

	tampered := bytes.Replace(received.body, []byte("triggered"), []byte("resolved"), 1)
	r.refusedSignature("a changed body", verify(tampered, received.header, newSecret), webhookv3.ErrNoValidSignatures)
	r.refusedSignature("another secret", verify(received.body, received.header, "webhook-secret-bad-01"), webhookv3.ErrNoValidSignatures)
	r.refusedSignature("no signature", verify(received.body, http.Header{}, newSecret), webhookv3.ErrMalformedHeader)

	var event struct {
		Event struct {
			EventType string `json:"event_type"`
			Data      struct {
				Status string `json:"status"`
			} `json:"data"`
		} `json:"event"`
	}
	if r.check("the webhook is json", json.Unmarshal(received.body, &event)) {
		r.out.Equal("the webhook tells what happened", event.Event.EventType, "incident.triggered")
		r.out.Equal("the webhook carries the incident", event.Event.Data.Status, "triggered")
	}
}

func (r *run) refusedSignature(what string, err, want error) {
	if errors.Is(err, want) {
		r.out.Check(what+" is refused", nil)
		return
	}
	r.out.Check(what+" is refused", fmt.Errorf("got %v instead of %v", err, want))
}
