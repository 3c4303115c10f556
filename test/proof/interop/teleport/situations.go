package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// registrations put Teleport's generated services on a server, every method of them unimplemented until it is scripted.
var registrations []func(*grpc.Server)

func registerServices(server *grpc.Server) {
	for _, register := range registrations {
		register(server)
	}
}

type scriptCommand struct {
	Method string `json:"method"`
	Steps  []step `json:"steps"`
}

// step is the answer to one call: messages of the method's own type, then an error, a clean end, or silence.
type step struct {
	Messages []plain    `json:"messages"`
	Error    *callError `json:"error"`
	// Hold keeps a stream open until the caller leaves.
	Hold bool `json:"hold"`
}

type callError struct {
	Code    codes.Code `json:"code"`
	Message string     `json:"message"`
}

// call is what the server received: the request as Teleport's generated code decoded it.
type call struct {
	Method   string      `json:"method"`
	Request  plain       `json:"request"`
	Metadata metadata.MD `json:"metadata"`
	// User is the common name in the client's verified certificate; empty without one.
	User     string `json:"user"`
	Protocol string `json:"protocol"`
	// ServerName is the SNI the client asked for.
	ServerName string `json:"server_name"`
}

// situations answers calls as scripted, in order, and records them. Safe for concurrent use.
type situations struct {
	mutex sync.Mutex
	steps map[string][]step
	calls []call
}

func newSituations() *situations {
	return &situations{steps: map[string][]step{}}
}

func (s *situations) script(command scriptCommand) error {
	if _, err := answerType(command.Method); err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.steps[command.Method] = command.Steps
	return nil
}

func (s *situations) takeCalls() []call {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	taken := s.calls
	s.calls = nil
	if taken == nil {
		taken = []call{}
	}
	return taken
}

// take records the call and gives what is scripted for it; false leaves the call to Teleport's unimplemented default.
func (s *situations) take(ctx context.Context, method string, request any) (step, bool) {
	received := call{Method: method, Request: plainOf(reflect.ValueOf(request))}
	received.Metadata, _ = metadata.FromIncomingContext(ctx)
	if caller, ok := peer.FromContext(ctx); ok {
		if tlsInfo, ok := caller.AuthInfo.(credentials.TLSInfo); ok {
			received.Protocol = tlsInfo.State.NegotiatedProtocol
			received.ServerName = tlsInfo.State.ServerName
			if chains := tlsInfo.State.VerifiedChains; len(chains) > 0 {
				received.User = chains[0][0].Subject.CommonName
			}
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.calls = append(s.calls, received)
	queue := s.steps[method]
	if len(queue) == 0 {
		return step{}, false
	}
	s.steps[method] = queue[1:]
	return queue[0], true
}

func (s *situations) unary(
	ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (any, error) {
	scripted, found := s.take(ctx, info.FullMethod, request)
	if !found {
		return handler(ctx, request)
	}
	if scripted.Error != nil {
		return nil, status.Error(scripted.Error.Code, scripted.Error.Message)
	}
	answer := plain{}
	if len(scripted.Messages) > 0 {
		answer = scripted.Messages[0]
	}
	return newAnswer(info.FullMethod, answer)
}

func (s *situations) stream(
	server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler,
) error {
	reading := &requestReader{ServerStream: stream}
	// Teleport's generated handler decodes the request and calls the unimplemented method.
	unimplemented := handler(server, reading)
	scripted, found := s.take(stream.Context(), info.FullMethod, reading.request)
	if !found {
		return unimplemented
	}
	for _, given := range scripted.Messages {
		message, err := newAnswer(info.FullMethod, given)
		if err != nil {
			return err
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
	}
	if scripted.Hold {
		<-stream.Context().Done()
	}
	if scripted.Error != nil {
		return status.Error(scripted.Error.Code, scripted.Error.Message)
	}
	return nil
}

// requestReader keeps the request of a server stream.
type requestReader struct {
	grpc.ServerStream
	request any
}

func (r *requestReader) RecvMsg(message any) error {
	err := r.ServerStream.RecvMsg(message)
	r.request = message
	return err
}

func newAnswer(method string, from plain) (any, error) {
	t, err := answerType(method)
	if err != nil {
		return nil, err
	}
	message := reflect.New(t)
	return message.Interface(), fill(message, from)
}

// answerType is what a method of Teleport's server interface returns, or what its stream sends.
func answerType(fullMethod string) (reflect.Type, error) {
	service, name, _ := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	server, found := serviceInterfaces[service]
	if !found {
		return nil, fmt.Errorf("this version of teleport has no service `%s`", service)
	}
	method, found := server.MethodByName(name)
	if !found {
		return nil, fmt.Errorf("this version of teleport has no method `%s`", fullMethod)
	}
	if method.Type.NumOut() == 2 {
		return method.Type.Out(0).Elem(), nil
	}
	send, found := method.Type.In(method.Type.NumIn() - 1).MethodByName("Send")
	if !found {
		return nil, fmt.Errorf("`%s` is no server stream", fullMethod)
	}
	return send.Type.In(0).Elem(), nil
}
