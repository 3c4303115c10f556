// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto


export interface PingRequest {
}

export interface PingRequest__Output {
}
