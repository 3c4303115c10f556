package main

import (
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/descriptorpb"
)

type describeCommand struct {
	Messages []string `json:"messages"`
	Enums    []string `json:"enums"`
	Services []string `json:"services"`
}

type fieldShape struct {
	Name   string `json:"name"`
	Number int32  `json:"number"`
	// Type is a scalar's name, or the full name of a message or an enum; `map<key, value>` for maps.
	Type     string `json:"type"`
	Repeated bool   `json:"repeated"`
}

type methodShape struct {
	Request         string `json:"request"`
	Response        string `json:"response"`
	ServerStreaming bool   `json:"server_streaming"`
	ClientStreaming bool   `json:"client_streaming"`
}

type descriptions struct {
	// Messages and enums which this version does not have are null.
	Messages map[string][]fieldShape           `json:"messages"`
	Enums    map[string]map[string]int32       `json:"enums"`
	Services map[string]map[string]methodShape `json:"services"`
}

// describe tells how Teleport's generated code describes the wire: numbers, types and the signatures of methods.
func describe(command describeCommand) (descriptions, error) {
	out := descriptions{
		Messages: map[string][]fieldShape{},
		Enums:    map[string]map[string]int32{},
		Services: map[string]map[string]methodShape{},
	}
	for _, name := range command.Messages {
		descriptor, err := messageDescriptor(name)
		if err != nil {
			out.Messages[name] = nil
			continue
		}
		out.Messages[name] = fieldShapes(descriptor)
	}
	for _, name := range command.Enums {
		out.Enums[name] = enumValues(name)
	}
	for _, name := range command.Services {
		methods, err := methodShapes(name)
		if err != nil {
			return descriptions{}, err
		}
		out.Services[name] = methods
	}
	return out, nil
}

func fieldShapes(message *descriptorpb.DescriptorProto) []fieldShape {
	shapes := []fieldShape{}
	for _, field := range message.GetField() {
		shape := fieldShape{
			Name:     field.GetName(),
			Number:   field.GetNumber(),
			Type:     typeName(field),
			Repeated: field.GetLabel() == descriptorpb.FieldDescriptorProto_LABEL_REPEATED,
		}
		if entry := mapEntry(message, field); entry != nil {
			shape.Type = fmt.Sprintf("map<%s, %s>", typeName(entry.GetField()[0]), typeName(entry.GetField()[1]))
			shape.Repeated = false
		}
		shapes = append(shapes, shape)
	}
	return shapes
}

func mapEntry(message *descriptorpb.DescriptorProto, field *descriptorpb.FieldDescriptorProto) *descriptorpb.DescriptorProto {
	for _, nested := range message.GetNestedType() {
		if nested.GetOptions().GetMapEntry() && strings.HasSuffix(field.GetTypeName(), "."+message.GetName()+"."+nested.GetName()) {
			return nested
		}
	}
	return nil
}

func typeName(field *descriptorpb.FieldDescriptorProto) string {
	if name := field.GetTypeName(); name != "" {
		return strings.TrimPrefix(name, ".")
	}
	return strings.ToLower(strings.TrimPrefix(field.GetType().String(), "TYPE_"))
}

// methodShapes reads a service as Teleport registers it; none where this version does not have the service.
func methodShapes(service string) (map[string]methodShape, error) {
	server := grpc.NewServer()
	registerServices(server)
	info, found := server.GetServiceInfo()[service]
	if !found {
		return nil, nil
	}
	fileName, ok := info.Metadata.(string)
	if !ok {
		return nil, fmt.Errorf("%s does not name its file", service)
	}
	descriptor, err := serviceDescriptor(fileName, service)
	if err != nil {
		return nil, err
	}
	shapes := map[string]methodShape{}
	for _, method := range descriptor.GetMethod() {
		shapes[method.GetName()] = methodShape{
			Request:         strings.TrimPrefix(method.GetInputType(), "."),
			Response:        strings.TrimPrefix(method.GetOutputType(), "."),
			ServerStreaming: method.GetServerStreaming(),
			ClientStreaming: method.GetClientStreaming(),
		}
	}
	return shapes, nil
}
