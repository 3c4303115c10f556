package main

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"
)

// unknownKey carries the bytes of fields that this version of Teleport does not know, in base64.
const unknownKey = "$unknown"

// fill sets the fields of a message of Teleport's generated code by their names in the .proto file. It refuses names
// that this version of Teleport does not have.
func fill(message reflect.Value, from plain) error {
	message = indirect(message)
	for name, value := range from {
		if name == unknownKey {
			if err := fillUnknown(message, value); err != nil {
				return err
			}
			continue
		}
		field, err := fieldNamed(message, name)
		if err != nil {
			return err
		}
		if err := fillValue(field, value); err != nil {
			return fmt.Errorf("%s.%s: %w", message.Type().Name(), name, err)
		}
	}
	return nil
}

func fillUnknown(message reflect.Value, value any) error {
	if modern, ok := message.Addr().Interface().(proto.Message); ok {
		encoded, err := base64.StdEncoding.DecodeString(fmt.Sprint(value))
		modern.ProtoReflect().SetUnknown(encoded)
		return err
	}
	return fillValue(message.FieldByName("XXX_unrecognized"), value)
}

func fillValue(v reflect.Value, from any) error {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		t, err := timeOf(from)
		v.Set(reflect.ValueOf(t))
		return err
	case v.Type() == reflect.TypeFor[*time.Time]():
		t, err := timeOf(from)
		v.Set(reflect.ValueOf(&t))
		return err
	case isTraits(v.Type()):
		return fillTraits(v, from)
	case v.Type() == reflect.TypeFor[*structpb.Struct]():
		return fillStruct(v, from)
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fillMessage(v.Elem(), from)
	case reflect.Struct:
		return fillMessage(v, from)
	case reflect.Slice:
		return fillSlice(v, from)
	case reflect.Map:
		return fillMap(v, from)
	default:
		return fillScalar(v, from)
	}
}

func fillMessage(v reflect.Value, from any) error {
	message, ok := from.(plain)
	if !ok {
		return fmt.Errorf("%v is no message", from)
	}
	return fill(v, message)
}

func fillSlice(v reflect.Value, from any) error {
	if text, ok := from.(string); ok {
		bytes, err := base64.StdEncoding.DecodeString(text)
		v.SetBytes(bytes)
		return err
	}
	items, ok := from.([]any)
	if !ok {
		return fmt.Errorf("%v is no list", from)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := fillValue(v.Index(i), item); err != nil {
			return err
		}
	}
	return nil
}

func fillMap(v reflect.Value, from any) error {
	entries, ok := from.(plain)
	if !ok {
		return fmt.Errorf("%v is no map", from)
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, entry := range entries {
		value := reflect.New(v.Type().Elem()).Elem()
		if err := fillValue(value, entry); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
	}
	return nil
}

func fillTraits(v reflect.Value, from any) error {
	labels, _ := from.(plain)
	entries, _ := labels["Values"].(plain)
	v.Set(reflect.MakeMap(v.Type()))
	for key, entry := range entries {
		values, ok := entry.(plain)
		if !ok {
			return fmt.Errorf("%v is no list of labels", entry)
		}
		list := reflect.New(v.Type().Elem()).Elem()
		if items, given := values["Values"]; given {
			if err := fillSlice(list, items); err != nil {
				return err
			}
		}
		v.SetMapIndex(reflect.ValueOf(key), list)
	}
	return nil
}

func fillScalar(v reflect.Value, from any) error {
	switch value := from.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(value)
			return nil
		}
		number, err := strconv.ParseInt(value, 10, 64)
		return firstError(err, setNumber(v, number))
	case float64:
		return setNumber(v, int64(value))
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(value)
			return nil
		}
	}
	return fmt.Errorf("%v does not fit %s", from, v.Type())
}

func setNumber(v reflect.Value, number int64) error {
	switch {
	case v.CanInt():
		v.SetInt(number)
	case v.CanUint():
		v.SetUint(uint64(number))
	default:
		return fmt.Errorf("%d does not fit %s", number, v.Type())
	}
	return nil
}

func timeOf(from any) (time.Time, error) {
	message, ok := from.(plain)
	if !ok {
		return time.Time{}, fmt.Errorf("%v is no timestamp", from)
	}
	seconds := int64(0)
	if text, given := message["seconds"].(string); given {
		parsed, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, err
		}
		seconds = parsed
	}
	nanos, _ := message["nanos"].(float64)
	return time.Unix(seconds, int64(nanos)).UTC(), nil
}

// fieldNamed finds a field by its name in the .proto file; for a member of a oneof it sets that member.
func fieldNamed(message reflect.Value, name string) (reflect.Value, error) {
	for i := range message.NumField() {
		if protoName(message.Type().Field(i)) == name {
			return message.Field(i), nil
		}
	}
	return oneofMember(message, name)
}

// oneofMember sets a member of a oneof to an empty value: in Google's generated code by its descriptor, in gogo's by the
// wrapper that its member has.
func oneofMember(message reflect.Value, name string) (reflect.Value, error) {
	unknown := fmt.Errorf("%s has no field `%s`", message.Type().Name(), name)
	switch generated := message.Addr().Interface().(type) {
	case proto.Message:
		field := generated.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(name))
		if field == nil || field.ContainingOneof() == nil {
			return reflect.Value{}, unknown
		}
		generated.ProtoReflect().Mutable(field)
	case interface{ XXX_OneofWrappers() []any }:
		setLegacyMember(message, generated.XXX_OneofWrappers(), name)
	}
	for _, set := range fieldsOf(message) {
		if set.name == name {
			return set.value, nil
		}
	}
	return reflect.Value{}, unknown
}

// setLegacyMember puts an empty wrapper into the oneof that takes it; nothing where no wrapper has a field of that name.
func setLegacyMember(message reflect.Value, wrappers []any, name string) {
	for _, each := range wrappers {
		wrapper := reflect.TypeOf(each)
		if protoName(wrapper.Elem().Field(0)) != name {
			continue
		}
		for i := range message.NumField() {
			_, isOneof := message.Type().Field(i).Tag.Lookup("protobuf_oneof")
			if isOneof && wrapper.Implements(message.Type().Field(i).Type) {
				message.Field(i).Set(reflect.New(wrapper.Elem()))
			}
		}
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
