// Package report prints the outcome of checks, one line of JSON each.
package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// Report is written to by one goroutine.
type Report struct {
	encoder *json.Encoder
}

type line struct {
	Check string `json:"check"`
	// Error is why the check failed; empty when it passed.
	Error string `json:"error"`
}

func New(out io.Writer) *Report {
	return &Report{json.NewEncoder(out)}
}

// Check passes when err is nil.
func (r *Report) Check(what string, err error) {
	outcome := line{Check: what}
	if err != nil {
		outcome.Error = err.Error()
	}
	if err := r.encoder.Encode(outcome); err != nil {
		panic(err) // nobody reads the report any more
	}
}

// Equal passes when got is want; both are compared as they print.
func (r *Report) Equal(what string, got, want any) {
	if fmt.Sprint(got) == fmt.Sprint(want) {
		r.Check(what, nil)
		return
	}
	r.Check(what, fmt.Errorf("got %v instead of %v", got, want))
}
