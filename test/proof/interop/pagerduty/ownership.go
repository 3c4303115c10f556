package main

import (
	"context"
	"encoding/json"
	"net/http"

	pd "github.com/PagerDuty/go-pagerduty"
)

// fieldValues is the answer about a service's custom fields, with the names of the struct that PagerDuty's own Terraform
// provider reads; the client of this version has no method for it, and is used for the call alone.
type fieldValues struct {
	CustomFields []struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		DisplayName string `json:"display_name"`
		Description string `json:"description"`
		DataType    string `json:"data_type"`
		FieldType   string `json:"field_type"`
		Type        string `json:"type"`
		Value       any    `json:"value"`
	} `json:"custom_fields"`
}

func (r *run) ownership(ctx context.Context) {
	teams, err := r.read.ListTeamsWithContext(ctx, pd.ListTeamOptions{Query: "Payments"})
	if r.check("finds teams by name", err) {
		r.out.Equal("one team has the name", len(teams.Teams), 1)
	}
	team, err := r.read.GetTeamWithContext(ctx, "PTEAM01")
	if r.check("reads a team", err) {
		r.out.Equal("the team has its name", team.Name, "Payments")
	}
	services, err := r.read.ListServicesWithContext(ctx, pd.ListServiceOptions{TeamIDs: []string{"PTEAM01"}})
	if r.check("lists a team's services", err) {
		r.out.Equal("the service is of the team", services.Services[0].Teams[0].ID, "PTEAM01")
	}
	policies, err := r.read.ListEscalationPoliciesWithContext(ctx, pd.ListEscalationPoliciesOptions{TeamIDs: []string{"PTEAM01"}})
	if r.check("lists a team's escalation policies", err) {
		r.out.Equal("the policy is of the team", policies.EscalationPolicies[0].Teams[0].ID, "PTEAM01")
	}
	values, err := r.fields(ctx, "PSERVC1")
	if r.check("reads a service's custom fields", err) {
		r.out.Equal("there is one field", len(values.CustomFields), 1)
		field := values.CustomFields[0]
		r.out.Equal("the field has its name", field.Name, "teleport_selector")
		r.out.Equal("the field has its kinds", field.DataType+" "+field.FieldType+" "+field.Type, "string single_value field_value")
		r.out.Equal("the field has its value", field.Value, any("team=payments"))
	}
	values, err = r.fields(ctx, "PSERVC2")
	if r.check("reads the custom fields of a service without values", err) {
		r.out.Equal("a field without a value is null", values.CustomFields[0].Value, nil)
	}
}

func (r *run) fields(ctx context.Context, service string) (*fieldValues, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/services/"+service+"/custom_fields/values", nil)
	if err != nil {
		return nil, err
	}
	response, err := r.read.Do(request, true)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(response.Body)
	decoder.DisallowUnknownFields()
	values := &fieldValues{}
	return values, decoder.Decode(values)
}
