package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	pd "github.com/PagerDuty/go-pagerduty"
)

const incidentKey = "oncall-approver/01890a5d-ac96-774b-bcce-b302099a8057"

func (r *run) incidents(ctx context.Context) {
	wanted := &pd.CreateIncidentOptions{
		Title:       "sre-3 asks for prodaccess",
		Service:     &pd.APIReference{ID: "PSERVC2", Type: "service_reference"},
		Urgency:     "high",
		IncidentKey: incidentKey,
		Body:        &pd.APIDetails{Type: "incident_body", Details: "the payments queue is stuck"},
	}
	incident, err := r.full.CreateIncidentWithContext(ctx, r.from, wanted)
	if !r.check("opens an incident", err) {
		return
	}
	r.out.Equal("the incident is triggered", incident.Status, "triggered")
	r.out.Equal("the incident has its key", incident.IncidentKey, incidentKey)
	r.out.Equal("the incident has its urgency", incident.Urgency, "high")
	r.out.Equal("the incident is assigned to who is on call", incident.Assignments[0].Assignee.ID, "PSAM1RE")

	_, err = r.full.CreateIncidentWithContext(ctx, r.from, wanted)
	r.refused("a second incident with the key of an open one", err, http.StatusBadRequest)
	_, err = r.full.CreateIncidentWithContext(ctx, "nobody@example.com", wanted)
	r.refused("an incident from somebody who is no user", err, http.StatusBadRequest)
	_, err = r.read.CreateIncidentWithContext(ctx, r.from, wanted)
	r.refused("an incident by a key that may only read", err, http.StatusForbidden)

	found, err := r.read.ListIncidentsWithContext(ctx, pd.ListIncidentsOptions{IncidentKey: incidentKey})
	if r.check("finds an incident by its key", err) {
		r.out.Equal("it is the one opened", len(found.Incidents) == 1 && found.Incidents[0].ID == incident.ID, true)
	}
	open, err := r.read.ListIncidentsWithContext(ctx, pd.ListIncidentsOptions{
		ServiceIDs: []string{"PSERVC2"}, Statuses: []string{"triggered", "acknowledged"},
	})
	if r.check("finds the open incidents of a service", err) {
		r.out.Equal("there is one", len(open.Incidents), 1)
	}
	r.notes(ctx, incident.ID)
	r.updates(ctx, incident.ID)
}

func (r *run) notes(ctx context.Context, incident string) {
	note, err := r.full.CreateIncidentNoteWithContext(ctx, incident, pd.IncidentNote{
		// Here the client takes the From header from.
		User:    pd.APIObject{Summary: r.from},
		Content: "approved automatically",
	})
	if r.check("writes a note", err) {
		r.out.Equal("the note has its content", note.Content, "approved automatically")
		r.out.Equal("the note has its author", note.User.ID, "PBOT6OA")
	}
	_, err = r.read.CreateIncidentNoteWithContext(ctx, incident, pd.IncidentNote{
		User: pd.APIObject{Summary: r.from}, Content: "no",
	})
	r.refused("a note by a key that may only read", err, http.StatusForbidden)
	notes, err := r.read.ListIncidentNotesWithContext(ctx, incident)
	if r.check("lists the notes", err) {
		r.out.Equal("the note is among them", slices.ContainsFunc(notes, func(each pd.IncidentNote) bool {
			return note != nil && each.ID == note.ID
		}), true)
	}
}

func (r *run) updates(ctx context.Context, incident string) {
	r.out.Check("a person acknowledges the incident", r.control.do(ctx, "/acknowledge", map[string]any{
		"incident": incident, "user": "sre-1@example.com",
	}, nil))
	acknowledged, err := r.read.GetIncidentWithContext(ctx, incident)
	if r.check("reads the incident", err) {
		r.out.Equal("it is acknowledged", acknowledged.Status, "acknowledged")
		r.out.Equal("it tells by whom", acknowledgers(acknowledged), []string{"PSAM1RE"})
	}
	entries, err := r.read.ListIncidentLogEntriesWithContext(ctx, incident, pd.ListIncidentLogEntriesOptions{})
	if r.check("reads the log entries", err) {
		r.out.Equal("they tell of the note, and who acknowledged after it", agentsOf(entries.LogEntries), []string{
			"acknowledge_log_entry by PSAM1RE", "annotate_log_entry by PBOT6OA",
		})
	}
	status, err := r.resolve(ctx, incident)
	if r.check("resolves the incident", err) {
		r.out.Equal("the resolution is accepted", status, http.StatusOK)
	}
	resolved, err := r.read.GetIncidentWithContext(ctx, incident)
	if r.check("reads the resolved incident", err) {
		r.out.Equal("it is resolved", resolved.Status, "resolved")
	}
	status, err = r.resolve(ctx, incident)
	if r.check("resolves it again", err) {
		r.out.Equal("resolving a resolved incident is refused", status, http.StatusBadRequest)
	}
}

// agentsOf tells who did what, newest first; the opening of an incident is left out.
func agentsOf(entries []pd.LogEntry) []string {
	var agents []string
	for _, each := range entries {
		if each.Type != "trigger_log_entry" {
			agents = append(agents, each.Type+" by "+each.Agent.ID)
		}
	}
	return agents
}

func acknowledgers(incident *pd.Incident) []string {
	var ids []string
	for _, each := range incident.Acknowledgements {
		ids = append(ids, each.Acknowledger.ID)
	}
	return ids
}

// resolve sends the service's own update, PUT /incidents/{id}. The client has a method for PUT /incidents only, so the
// request is built here and the client signs and sends it.
func (r *run) resolve(ctx context.Context, incident string) (status int, err error) {
	body := strings.NewReader(`{"incident": {"type": "incident_reference", "status": "resolved"}}`)
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, r.url+"/incidents/"+incident, body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("From", r.from)
	response, err := r.full.Do(request, true)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// refused passes when the client's own error type understands the refusal: status, code and text of the body.
func (r *run) refused(what string, err error, status int) {
	var refusal pd.APIError
	if !errors.As(err, &refusal) {
		r.out.Equal(what+" is refused", err, "an APIError")
		return
	}
	r.out.Equal(what+" is refused", refusal.StatusCode, status)
	r.out.Equal(what+" is refused with an error object", refusal.APIError.Valid, true)
	r.out.Equal(what+" is refused with a code", refusal.APIError.ErrorObject.Code != 0, true)
}
