package main

type clientOptions struct{ addr, identity, via string }

func runClient(clientOptions) error { return nil }
