package main

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// plain is a message as JSON can carry it, by the names of its .proto file: messages and maps are objects, 64-bit
// integers strings, bytes base64, enums numbers. What holds its default value is left out, except in lists and maps.
type plain = map[string]any

// zeroTimeSeconds is Go's zero time, which Teleport sends for a timestamp that is not nullable and not set.
var zeroTimeSeconds = time.Time{}.Unix()

// plainOf reads a message of Teleport's generated code by its struct tags; v is a struct or a pointer to one.
func plainOf(v reflect.Value) plain {
	out := plain{}
	for _, field := range fieldsOf(indirect(v)) {
		if value, set := plainValue(field.value); set {
			out[field.name] = value
		}
	}
	return out
}

func plainValue(v reflect.Value) (value any, set bool) {
	switch concrete := v.Interface().(type) {
	case time.Time:
		return plainTime(concrete), !concrete.IsZero()
	case *time.Time:
		if concrete == nil {
			return nil, false
		}
		return plainTime(*concrete), true
	case []byte:
		return base64.StdEncoding.EncodeToString(concrete), len(concrete) > 0
	}
	if isTraits(v.Type()) {
		return plain{"Values": plainTraits(v)}, v.Len() > 0
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, false
		}
		return plainOf(v), true
	case reflect.Struct:
		message := plainOf(v)
		return message, len(message) > 0
	case reflect.Slice:
		items := make([]any, v.Len())
		for i := range items {
			items[i], _ = plainValue(v.Index(i))
		}
		return items, len(items) > 0
	case reflect.Map:
		entries := plain{}
		for _, key := range v.MapKeys() {
			entries[key.String()], _ = plainValue(v.MapIndex(key))
		}
		return entries, len(entries) > 0
	case reflect.Int64, reflect.Uint64:
		return strconv.FormatInt(signed(v), 10), !v.IsZero()
	default:
		return v.Interface(), !v.IsZero()
	}
}

func plainTime(t time.Time) plain {
	out := plain{"seconds": strconv.FormatInt(t.Unix(), 10)}
	if t.Unix() == 0 {
		delete(out, "seconds")
	}
	if t.Nanosecond() != 0 {
		out["nanos"] = t.Nanosecond()
	}
	return out
}

func plainTraits(v reflect.Value) plain {
	entries := plain{}
	for _, key := range v.MapKeys() {
		values := plain{}
		if list, set := plainValue(v.MapIndex(key)); set {
			values["Values"] = list
		}
		entries[key.String()] = values
	}
	return entries
}

// taggedField is one field of a message under its name in the .proto file.
type taggedField struct {
	name  string
	value reflect.Value
}

// fieldsOf lists the fields of a message; of a oneof, the member that is set.
func fieldsOf(message reflect.Value) []taggedField {
	var fields []taggedField
	for i := range message.NumField() {
		field, value := message.Type().Field(i), message.Field(i)
		if _, isOneof := field.Tag.Lookup("protobuf_oneof"); isOneof {
			if !value.IsNil() {
				fields = append(fields, fieldsOf(indirect(value.Elem()))...)
			}
		} else if name := protoName(field); name != "" {
			fields = append(fields, taggedField{name, value})
		}
	}
	return fields
}

// protoName is the field's name in its .proto file, or empty for a field that is none of the message's own.
func protoName(field reflect.StructField) string {
	for part := range strings.SplitSeq(field.Tag.Get("protobuf"), ",") {
		if name, found := strings.CutPrefix(part, "name="); found {
			return name
		}
	}
	return ""
}

// isTraits tells Teleport's custom Go types for `wrappers.LabelValues`, which are maps without a message of their own.
func isTraits(t reflect.Type) bool {
	return t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Slice && t.Elem().Elem().Kind() == reflect.String
}

func indirect(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Pointer {
		return v.Elem()
	}
	return v
}

func signed(v reflect.Value) int64 {
	if v.CanUint() {
		return int64(v.Uint())
	}
	return v.Int()
}
