module oncall-approver/test/interop

go 1.26

require (
	github.com/PagerDuty/go-pagerduty v1.8.0
	github.com/gravitational/teleport/api v0.0.0-20231212204825-da589355d4ea
)
