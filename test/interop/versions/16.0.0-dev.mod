module oncall-approver/test/interop

go 1.26

require (
	github.com/PagerDuty/go-pagerduty v1.8.0
	github.com/gravitational/teleport/api v0.0.0-20240220221413-126de63e7e40
)
