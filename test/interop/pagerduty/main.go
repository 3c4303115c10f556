package main

import (
	_ "github.com/PagerDuty/go-pagerduty"
)

func main() {}
