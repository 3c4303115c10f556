import { fileURLToPath } from 'node:url';

import { loadSync } from '@grpc/proto-loader';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

/** The descriptors as @grpc/proto-loader gives them; their oneof indices are not to be trusted. */
interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}

interface MessageDescriptor {
  readonly name: string;
  readonly field: readonly FieldDescriptor[];
  readonly nestedType: readonly (MessageDescriptor & {
    readonly options: { readonly mapEntry: boolean } | null;
  })[];
}

export interface Field {
  readonly name: string;
  readonly number: number;
  /** A scalar's name, the full name of a message or an enum, or `map<key, value>`. */
  readonly type: string;
  readonly repeated: boolean;
}

export interface Method {
  readonly request: string;
  readonly response: string;
  readonly server_streaming: boolean;
  readonly client_streaming: boolean;
}

export type Message = MessageTypeDefinition<object, object>;

const definitions = loadSync(
  [
    'teleport/legacy/client/proto/authservice.proto',
    'teleport/users/v1/users_service.proto',
    'teleport/userloginstate/v1/userloginstate_service.proto',
    'teleport/accessmonitoringrules/v1/access_monitoring_rules_service.proto',
    'teleport/auditlog/v1/auditlog.proto',
  ],
  {
    includeDirs: [fileURLToPath(new URL('../../../src/teleport/proto', import.meta.url))],
    keepCase: true,
    longs: String,
    bytes: String,
  },
);

/** Google's own are the same everywhere. */
const entries = Object.entries(definitions).filter(([name]) => !name.startsWith('google.protobuf.'));

/** Every message of our .proto files by its full name. */
export const MESSAGES: ReadonlyMap<string, Message> = new Map(
  entries.flatMap(([name, definition]) => (isMessage(definition) ? [[name, definition] as const] : [])),
);

/** The fields of every message, in the order of the file. */
export const FIELDS: ReadonlyMap<string, readonly Field[]> = new Map(
  [...MESSAGES].map(([name, message]) => [name, fieldsOf(name, message.type as MessageDescriptor)]),
);

/** Every enum: its names and numbers. */
export const ENUMS: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map(
  entries.flatMap(([name, definition]) => {
    if (!isEnum(definition)) return [];
    const { value } = definition.type as { readonly value: readonly { name: string; number: number }[] };
    return [[name, Object.fromEntries(value.map((each) => [each.name, each.number]))] as const];
  }),
);

/** Every service: its methods by their names. */
export const SERVICES: ReadonlyMap<string, Readonly<Record<string, Method>>> = new Map(
  entries.flatMap(([name, definition]) => {
    if (isMessage(definition) || isEnum(definition)) return [];
    const methods = Object.entries(definition).map(([method, { requestType, responseType, ...streams }]) => [
      method,
      {
        request: nameOf(requestType),
        response: nameOf(responseType),
        server_streaming: streams.responseStream,
        client_streaming: streams.requestStream,
      },
    ]);
    return [[name, Object.fromEntries(methods) as Record<string, Method>] as const];
  }),
);

function fieldsOf(name: string, message: MessageDescriptor): readonly Field[] {
  return message.field.map((field) => {
    const entry = message.nestedType.find(
      (nested) => nested.options?.mapEntry === true && nested.name === field.typeName,
    );
    const [key, value] = entry?.field ?? [];
    const isMap = key !== undefined && value !== undefined;
    return {
      name: field.name,
      number: field.number,
      type: isMap ? `map<${typeOf(name, key)}, ${typeOf(name, value)}>` : typeOf(name, field),
      repeated: field.label === 'LABEL_REPEATED' && !isMap,
    };
  });
}

/** Names are shortened by what they have in common with the message's own: the innermost scope that has one is meant. */
function typeOf(message: string, { type, typeName }: FieldDescriptor): string {
  if (typeName === '') return type.replace('TYPE_', '').toLowerCase();
  const scopes = message.split('.').map((_, depth, parts) => parts.slice(0, depth).join('.'));
  const names = scopes.map((scope) => (scope === '' ? typeName : `${scope}.${typeName}`)).reverse();
  return names.find((name) => Object.hasOwn(definitions, name)) ?? typeName;
}

/** The descriptor of a method's message has no package: it is found again by being the same. */
function nameOf({ type }: Message): string {
  const descriptor = JSON.stringify(type);
  const found = Object.entries(definitions).filter(
    ([, definition]) => isMessage(definition) && JSON.stringify(definition.type) === descriptor,
  );
  if (found[0] !== undefined && found.length === 1) return found[0][0];
  throw new Error(`a method's message stands in ${found.length} packages: ${descriptor}`);
}

function isMessage(definition: object): definition is Message {
  return 'format' in definition && definition.format === 'Protocol Buffer 3 DescriptorProto';
}

function isEnum(definition: object): definition is EnumTypeDefinition {
  return 'format' in definition && definition.format === 'Protocol Buffer 3 EnumDescriptorProto';
}
