package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"reflect"

	gogoproto "github.com/gogo/protobuf/proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	authpb "github.com/gravitational/teleport/api/client/proto"
)

// authService is Teleport's own server interface: from it come the types of what a method answers.
var authService = reflect.TypeFor[authpb.AuthServiceServer]()

// serviceInterfaces are Teleport's generated server interfaces by service name; UsersService joins where it exists.
var serviceInterfaces = map[string]reflect.Type{"proto.AuthService": authService}

// newMessage makes an empty message of Teleport's generated code: its legacy packages are gogo's, the newer ones Google's.
func newMessage(name string) (any, error) {
	if t := gogoproto.MessageType(name); t != nil {
		return reflect.New(t.Elem()).Interface(), nil
	}
	t, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(name))
	if err != nil {
		return nil, err
	}
	return t.New().Interface(), nil
}

func marshal(message any) ([]byte, error) {
	if legacy, ok := message.(interface{ Marshal() ([]byte, error) }); ok {
		return legacy.Marshal()
	}
	return proto.Marshal(protoadapt.MessageV2Of(message.(protoadapt.MessageV1)))
}

func unmarshal(encoded []byte, message any) error {
	if legacy, ok := message.(interface{ Unmarshal([]byte) error }); ok {
		return legacy.Unmarshal(encoded)
	}
	return proto.Unmarshal(encoded, protoadapt.MessageV2Of(message.(protoadapt.MessageV1)))
}

// messageDescriptor is the descriptor that Teleport's generated code carries for a message.
func messageDescriptor(name string) (*descriptorpb.DescriptorProto, error) {
	message, err := newMessage(name)
	if err != nil {
		return nil, err
	}
	if modern, ok := message.(proto.Message); ok {
		return protodesc.ToDescriptorProto(modern.ProtoReflect().Descriptor()), nil
	}
	legacy, ok := message.(interface{ Descriptor() ([]byte, []int) })
	if !ok {
		return nil, fmt.Errorf("%s carries no descriptor", name)
	}
	compressed, path := legacy.Descriptor()
	file, err := fileDescriptor(compressed)
	if err != nil {
		return nil, err
	}
	descriptor := file.GetMessageType()[path[0]]
	for _, index := range path[1:] {
		descriptor = descriptor.GetNestedType()[index]
	}
	return descriptor, nil
}

// enumValues are the names and numbers of an enum; nil where this version of Teleport has no such enum.
func enumValues(name string) map[string]int32 {
	if values := gogoproto.EnumValueMap(name); values != nil {
		return values
	}
	t, err := protoregistry.GlobalTypes.FindEnumByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	numbers := map[string]int32{}
	values := t.Descriptor().Values()
	for i := range values.Len() {
		numbers[string(values.Get(i).Name())] = int32(values.Get(i).Number())
	}
	return numbers
}

// serviceDescriptor finds a service in the file which its generated registration names.
func serviceDescriptor(fileName, service string) (*descriptorpb.ServiceDescriptorProto, error) {
	file, err := fileNamed(fileName)
	if err != nil {
		return nil, err
	}
	for _, candidate := range file.GetService() {
		if file.GetPackage()+"."+candidate.GetName() == service {
			return candidate, nil
		}
	}
	return nil, fmt.Errorf("%s has no service %s", fileName, service)
}

func fileNamed(name string) (*descriptorpb.FileDescriptorProto, error) {
	if compressed := gogoproto.FileDescriptor(name); compressed != nil {
		return fileDescriptor(compressed)
	}
	file, err := protoregistry.GlobalFiles.FindFileByPath(name)
	if err != nil {
		return nil, err
	}
	return protodesc.ToFileDescriptorProto(file), nil
}

func fileDescriptor(compressed []byte) (*descriptorpb.FileDescriptorProto, error) {
	reader, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	encoded, err := io.ReadAll(reader)
	if err != nil {
		return nil, err
	}
	file := &descriptorpb.FileDescriptorProto{}
	return file, proto.Unmarshal(encoded, file)
}
