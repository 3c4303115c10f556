import { fileURLToPath } from 'node:url';
import {
  makeGenericClientConstructor,
  type ServiceClientConstructor,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO_ROOT = fileURLToPath(new URL('../../../src/teleport/proto/', import.meta.url));

/** Teleport's services by full name, from the same files the client is made of. */
export const AUTH_SERVICE = 'proto.AuthService';
export const USERS_SERVICE = 'teleport.users.v1.UsersService';
export const LOGIN_STATE_SERVICE = 'teleport.userloginstate.v1.UserLoginStateService';

export const MONITORING_RULES_SERVICE = 'teleport.accessmonitoringrules.v1.AccessMonitoringRulesService';

export const AUDIT_LOG_SERVICE = 'teleport.auditlog.v1.AuditLogService';

type ServiceName =
  | typeof AUTH_SERVICE
  | typeof USERS_SERVICE
  | typeof LOGIN_STATE_SERVICE
  | typeof MONITORING_RULES_SERVICE
  | typeof AUDIT_LOG_SERVICE;

const definitions = loadSync(
  [
    'teleport/legacy/client/proto/authservice.proto',
    'teleport/users/v1/users_service.proto',
    'teleport/userloginstate/v1/userloginstate_service.proto',
    'teleport/accessmonitoringrules/v1/access_monitoring_rules_service.proto',
    'teleport/auditlog/v1/auditlog.proto',
  ],
  {
    includeDirs: [PROTO_ROOT],
    keepCase: true,
    longs: String,
    enums: Number,
    defaults: true,
    arrays: true,
    objects: true,
    oneofs: true,
  },
);

export function serviceDefinition(service: ServiceName): ServiceDefinition {
  // The loader keys services, messages and enums alike by name; these names are of services.
  return definitions[service] as ServiceDefinition;
}

/** A gRPC client class of a service, for tests which speak to the server without the product's own client. */
export function clientConstructor(service: ServiceName): ServiceClientConstructor {
  return makeGenericClientConstructor(serviceDefinition(service), service);
}
