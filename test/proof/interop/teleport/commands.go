package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
)

// maxCommandBytes bounds one line of a command; random messages stay far below it.
const maxCommandBytes = 16 << 20

type command struct {
	Describe *describeCommand `json:"describe"`
	Decode   *decodeCommand   `json:"decode"`
	Encode   *encodeCommand   `json:"encode"`
	Script   *scriptCommand   `json:"script"`
	Calls    *struct{}        `json:"calls"`
}

type decodeCommand struct {
	Message string `json:"message"`
	Bytes   []byte `json:"bytes"`
}

type encodeCommand struct {
	Message string `json:"message"`
	Plain   plain  `json:"plain"`
}

// serveCommands answers each line of JSON with one line of JSON, until the input ends.
func serveCommands(in io.Reader, out io.Writer, situations *situations) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxCommandBytes)
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		answer, err := carryOut(lines.Bytes(), situations)
		if err != nil {
			answer = map[string]string{"error": err.Error()}
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

func carryOut(line []byte, situations *situations) (any, error) {
	var given command
	if err := json.Unmarshal(line, &given); err != nil {
		return nil, err
	}
	switch {
	case given.Describe != nil:
		return describe(*given.Describe)
	case given.Decode != nil:
		return decode(*given.Decode)
	case given.Encode != nil:
		return encode(*given.Encode)
	case given.Script != nil:
		return map[string]string{}, situations.script(*given.Script)
	case given.Calls != nil:
		return map[string]any{"calls": situations.takeCalls()}, nil
	default:
		return nil, fmt.Errorf("no such command: %s", line)
	}
}

// decode reads bytes with Teleport's generated code, and writes them again with it.
func decode(command decodeCommand) (any, error) {
	message, err := newMessage(command.Message)
	if err != nil {
		return nil, err
	}
	if err := unmarshal(command.Bytes, message); err != nil {
		return nil, err
	}
	again, err := marshal(message)
	if err != nil {
		return nil, err
	}
	return map[string]any{"plain": plainOf(reflect.ValueOf(message)), "bytes": base64.StdEncoding.EncodeToString(again)}, nil
}

// encode writes a message by its names with Teleport's generated code.
func encode(command encodeCommand) (any, error) {
	message, err := newMessage(command.Message)
	if err != nil {
		return nil, err
	}
	if err := fill(reflect.ValueOf(message), command.Plain); err != nil {
		return nil, err
	}
	encoded, err := marshal(message)
	return map[string]any{"bytes": base64.StdEncoding.EncodeToString(encoded)}, err
}
