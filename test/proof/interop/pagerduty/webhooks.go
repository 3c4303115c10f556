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

	pd "github.com/PagerDuty/go-pagerduty"
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
	var made struct {
		Subscription subscription `json:"webhook_subscription"`
	}
	if !r.check("subscribes to webhooks", r.control.do(ctx, "/webhooks", map[string]any{
		"url": receiver.URL, "secrets": []string{newSecret, oldSecret},
	}, &made)) {
		return
	}
	if !r.check("triggers an alert", r.control.do(ctx, "/alert", map[string]any{
		"service": "Payments API", "title": "the payments queue is stuck",
	}, nil)) {
		return
	}
	if received, arrived := r.arrival(ctx, "a webhook", deliveries); arrived {
		r.signatures(received)
	}
	r.subscriptions(ctx, made.Subscription)
	r.testEvent(ctx, made.Subscription.ID, deliveries)
}

func (r *run) arrival(ctx context.Context, what string, deliveries <-chan delivery) (delivery, bool) {
	select {
	case received := <-deliveries:
		return received, true
	case <-ctx.Done():
		r.out.Check(what+" arrives", ctx.Err())
		return delivery{}, false
	}
}

// subscription has what the service reads of one; the client knows the type of none.
type subscription struct {
	ID             string `json:"id"`
	Type           string `json:"type"`
	Active         bool   `json:"active"`
	DeliveryMethod struct {
		URL                 string `json:"url"`
		TemporarilyDisabled bool   `json:"temporarily_disabled"`
	} `json:"delivery_method"`
	Events []string `json:"events"`
	Filter struct {
		Type string  `json:"type"`
		ID   *string `json:"id"`
	} `json:"filter"`
}

func (r *run) subscriptions(ctx context.Context, made subscription) {
	response, err := r.ask(ctx, r.read, http.MethodGet, "/webhook_subscriptions?limit=100")
	if !r.check("lists webhook subscriptions", err) {
		return
	}
	defer response.Body.Close()
	var page struct {
		pd.APIListObject
		Subscriptions []subscription `json:"webhook_subscriptions"`
	}
	if r.check("the list is json", json.NewDecoder(response.Body).Decode(&page)) {
		r.out.Equal("the list is the last page", page.More, false)
		r.out.Equal("the list has the one that was made", fmt.Sprint(page.Subscriptions), fmt.Sprint([]subscription{made}))
	}
}

func (r *run) testEvent(ctx context.Context, id string, deliveries <-chan delivery) {
	path := "/webhook_subscriptions/" + id + "/ping"
	refused, err := r.ask(ctx, r.read, http.MethodPost, path)
	if r.check("asks for a test event with a key that may only read", err) {
		refused.Body.Close()
		r.out.Equal("a key that may only read is refused", refused.StatusCode, http.StatusForbidden)
	}
	response, err := r.ask(ctx, r.full, http.MethodPost, path)
	if !r.check("asks for a test event", err) {
		return
	}
	response.Body.Close()
	r.out.Equal("a test event is promised", response.StatusCode, http.StatusAccepted)
	received, arrived := r.arrival(ctx, "the test event", deliveries)
	if !arrived {
		return
	}
	signed := &http.Request{Header: received.header, Body: io.NopCloser(bytes.NewReader(received.body))}
	r.out.Check("the test event is signed", webhookv3.VerifySignature(signed, newSecret))
}

// ask sends a request that the client has no method for, with the headers that it always sends.
func (r *run) ask(ctx context.Context, client *pd.Client, method, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.url+path, nil)
	if err != nil {
		return nil, err
	}
	return client.Do(request, true)
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
