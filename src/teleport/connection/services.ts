import { fileURLToPath } from 'node:url';

import { loadSync } from '@grpc/proto-loader';

import type { AuthServiceDefinition } from '../proto/generated/proto/AuthService.ts';
import type { AccessMonitoringRulesServiceDefinition } from '../proto/generated/teleport/accessmonitoringrules/v1/AccessMonitoringRulesService.ts';
import type { AuditLogServiceDefinition } from '../proto/generated/teleport/auditlog/v1/AuditLogService.ts';
import type { UserLoginStateServiceDefinition } from '../proto/generated/teleport/userloginstate/v1/UserLoginStateService.ts';
import type { UsersServiceDefinition } from '../proto/generated/teleport/users/v1/UsersService.ts';

/** Teleport's field names as they stand in its .proto files, unknown enum numbers kept, absent messages null. */
const definitions = loadSync(
  [
    'teleport/legacy/client/proto/authservice.proto',
    'teleport/users/v1/users_service.proto',
    'teleport/userloginstate/v1/userloginstate_service.proto',
    'teleport/accessmonitoringrules/v1/access_monitoring_rules_service.proto',
    'teleport/auditlog/v1/auditlog.proto',
  ],
  {
    includeDirs: [fileURLToPath(new URL('../proto', import.meta.url))],
    keepCase: true,
    longs: Number,
    defaults: true,
    oneofs: true,
  },
);

/** `proto.AuthService`: methods with their paths and codecs. */
export const authService = definitions['proto.AuthService'] as unknown as AuthServiceDefinition;

/** `teleport.users.v1.UsersService`. */
export const usersService = definitions[
  'teleport.users.v1.UsersService'
] as unknown as UsersServiceDefinition;

/** `teleport.userloginstate.v1.UserLoginStateService`. */
export const userLoginStateService = definitions[
  'teleport.userloginstate.v1.UserLoginStateService'
] as unknown as UserLoginStateServiceDefinition;

/** `teleport.accessmonitoringrules.v1.AccessMonitoringRulesService`. */
export const monitoringRulesService = definitions[
  'teleport.accessmonitoringrules.v1.AccessMonitoringRulesService'
] as unknown as AccessMonitoringRulesServiceDefinition;

/** `teleport.auditlog.v1.AuditLogService`. */
export const auditLogService = definitions[
  'teleport.auditlog.v1.AuditLogService'
] as unknown as AuditLogServiceDefinition;
