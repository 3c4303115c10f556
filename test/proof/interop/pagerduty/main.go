// Command pagerduty drives a simulated PagerDuty with PagerDuty's own published Go client, through every endpoint that
// the service uses, and prints what came of it, one line of JSON a check.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"

	"oncall-approver/test/interop/report"
)

// clientTime bounds the whole run; a simulator that does not answer is a failure, not a hang.
const clientTime = 60 * time.Second

type options struct {
	url, controlURL string
	fullKey         string
	readKey         string
	from            string
}

// run holds what the checks share.
type run struct {
	options
	out     *report.Report
	control control
	// full may write, read may only read.
	full, read *pd.Client
}

func main() {
	var given options
	flag.StringVar(&given.url, "url", "", "base URL of the REST API")
	flag.StringVar(&given.controlURL, "control-url", "", "base URL of the control API")
	flag.StringVar(&given.fullKey, "full-key", "", "account key that may write")
	flag.StringVar(&given.readKey, "read-key", "", "account key that may only read")
	flag.StringVar(&given.from, "from", "", "e-mail address of the user that writes")
	flag.Parse()

	ctx, cancel := context.WithTimeout(context.Background(), clientTime)
	defer cancel()
	r := &run{
		options: given,
		out:     report.New(os.Stdout),
		control: control{given.controlURL},
		full:    pd.NewClient(given.fullKey, pd.WithAPIEndpoint(given.url)),
		read:    pd.NewClient(given.readKey, pd.WithAPIEndpoint(given.url)),
	}
	r.directory(ctx)
	r.ownership(ctx)
	r.schedules(ctx)
	r.onCalls(ctx)
	r.incidents(ctx)
	r.errors(ctx)
	r.webhooks(ctx)
}

// check reports a failed call, and tells whether to go on with its result.
func (r *run) check(what string, err error) bool {
	r.out.Check(what, err)
	return err == nil
}

func (r *run) directory(ctx context.Context) {
	users, err := r.read.ListUsersWithContext(ctx, pd.ListUsersOptions{Query: "sre-1@example.com"})
	if r.check("finds users by e-mail address", err) {
		r.out.Equal("one user has the address", len(users.Users), 1)
		r.out.Equal("the user is the one wanted", users.Users[0].Email, "sre-1@example.com")
		r.out.Equal("the user has a name", users.Users[0].Name, "Sam One")
	}
	user, err := r.read.GetUserWithContext(ctx, "PSAM1RE", pd.GetUserOptions{})
	if r.check("reads a user", err) {
		r.out.Equal("the user has a role", user.Role, "limited_user")
		r.out.Equal("the user is of type user", user.Type, "user")
	}
	var seen []string
	err = pages(func(offset uint) (bool, error) {
		page, err := r.read.ListUsersWithContext(ctx, pd.ListUsersOptions{Limit: 4, Offset: offset})
		if err != nil {
			return false, err
		}
		for _, each := range page.Users {
			seen = append(seen, each.ID)
		}
		return page.More, nil
	}, 4)
	r.out.Check("pages through the users", err)
	r.out.Equal("every user comes once", distinct(seen), len(seen))

	services, err := r.read.ListServicesWithContext(ctx, pd.ListServiceOptions{Query: "Payments API"})
	if r.check("finds services by name", err) {
		r.out.Equal("the service has its policy", services.Services[0].EscalationPolicy.ID, "PPOLCY1")
	}
	service, err := r.read.GetServiceWithContext(ctx, "PSERVC1", &pd.GetServiceOptions{})
	if r.check("reads a service", err) {
		r.out.Equal("the service is active", service.Status, "active")
	}
	policies, err := r.read.ListEscalationPoliciesWithContext(ctx, pd.ListEscalationPoliciesOptions{Query: "Payments"})
	if r.check("finds escalation policies by name", err) {
		r.out.Equal("one policy has the name", len(policies.EscalationPolicies), 1)
	}
	policy, err := r.read.GetEscalationPolicyWithContext(ctx, "PPOLCY1", &pd.GetEscalationPolicyOptions{})
	if r.check("reads an escalation policy", err) {
		r.out.Equal("the policy has three levels", len(policy.EscalationRules), 3)
		r.out.Equal("the first level is a schedule", policy.EscalationRules[0].Targets[0].Type, "schedule_reference")
	}
}

func (r *run) schedules(ctx context.Context) {
	schedules, err := r.read.ListSchedulesWithContext(ctx, pd.ListSchedulesOptions{Query: "Payments primary"})
	if r.check("finds schedules by name", err) {
		r.out.Equal("one schedule has the name", len(schedules.Schedules), 1)
	}
	now := time.Now().UTC()
	schedule, err := r.read.GetScheduleWithContext(ctx, "PSCHED1", pd.GetScheduleOptions{
		Since: now.Format(time.RFC3339), Until: now.Add(24 * time.Hour).Format(time.RFC3339),
	})
	if r.check("reads a schedule with a span", err) {
		entries := schedule.FinalSchedule.RenderedScheduleEntries
		if len(entries) == 0 {
			r.out.Check("the schedule is rendered", fmt.Errorf("there are no entries"))
		} else {
			r.out.Equal("the schedule is rendered", entries[0].User.ID, "PSAM1RE")
			_, err := time.Parse(time.RFC3339, entries[0].Start)
			r.out.Check("an entry begins at an instant", err)
		}
	}
	users, err := r.read.ListOnCallUsersWithContext(ctx, "PSCHED1", pd.ListOnCallUsersOptions{
		Since: now.Format(time.RFC3339), Until: now.Add(time.Second).Format(time.RFC3339),
	})
	if r.check("reads who is on call by a schedule", err) {
		r.out.Equal("the user on call is the one on shift", users[0].ID, "PSAM1RE")
	}
}

func (r *run) onCalls(ctx context.Context) {
	rows, err := r.read.ListOnCallsWithContext(ctx, pd.ListOnCallOptions{
		UserIDs: []string{"PSAM1RE"}, Includes: []string{"escalation_policies"},
	})
	if r.check("reads the on-call rows of a user", err) {
		r.out.Equal("there is one row", len(rows.OnCalls), 1)
		row := rows.OnCalls[0]
		r.out.Equal("the row has its level", row.EscalationLevel, 1)
		r.out.Equal("the row has its schedule", row.Schedule.ID, "PSCHED1")
		r.out.Equal("the row has its policy", row.EscalationPolicy.ID, "PPOLCY1")
		r.out.Equal("the policy is included whole", len(row.EscalationPolicy.EscalationRules), 3)
		_, err := time.Parse(time.RFC3339, row.End)
		r.out.Check("the shift ends at an instant", err)
	}
	permanent, err := r.read.ListOnCallsWithContext(ctx, pd.ListOnCallOptions{UserIDs: []string{"PMAN5GR"}})
	if r.check("reads a row without a schedule", err) {
		r.out.Equal("such a row has no schedule", permanent.OnCalls[0].Schedule.ID, "")
		r.out.Equal("such a row has no end", permanent.OnCalls[0].End, "")
	}
	nobody, err := r.read.ListOnCallsWithContext(ctx, pd.ListOnCallOptions{UserIDs: []string{"POUT4SD"}})
	if r.check("reads the rows of somebody who is not on call", err) {
		r.out.Equal("there are none", len(nobody.OnCalls), 0)
	}
	var levels []string
	err = pages(func(offset uint) (bool, error) {
		page, err := r.read.ListOnCallsWithContext(ctx, pd.ListOnCallOptions{
			EscalationPolicyIDs: []string{"PPOLCY1"}, Limit: 1, Offset: offset,
		})
		if err != nil {
			return false, err
		}
		for _, each := range page.OnCalls {
			levels = append(levels, fmt.Sprint(each.EscalationLevel))
		}
		return page.More, nil
	}, 1)
	r.out.Check("pages through the rows of a policy", err)
	r.out.Equal("there is a row for each level", distinct(levels), 3)
}

// pages calls page with the offset of each page until there is no more, or an error.
func pages(page func(offset uint) (more bool, err error), limit uint) error {
	for offset := uint(0); ; offset += limit {
		more, err := page(offset)
		if err != nil || !more {
			return err
		}
	}
}

func distinct(values []string) int {
	seen := map[string]bool{}
	for _, value := range values {
		seen[value] = true
	}
	return len(seen)
}
