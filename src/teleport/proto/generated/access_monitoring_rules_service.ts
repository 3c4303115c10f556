import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AccessMonitoringRule as _teleport_accessmonitoringrules_v1_AccessMonitoringRule, AccessMonitoringRule__Output as _teleport_accessmonitoringrules_v1_AccessMonitoringRule__Output } from './teleport/accessmonitoringrules/v1/AccessMonitoringRule.ts';
import type { AccessMonitoringRuleSpec as _teleport_accessmonitoringrules_v1_AccessMonitoringRuleSpec, AccessMonitoringRuleSpec__Output as _teleport_accessmonitoringrules_v1_AccessMonitoringRuleSpec__Output } from './teleport/accessmonitoringrules/v1/AccessMonitoringRuleSpec.ts';
import type { AccessMonitoringRulesServiceClient as _teleport_accessmonitoringrules_v1_AccessMonitoringRulesServiceClient, AccessMonitoringRulesServiceDefinition as _teleport_accessmonitoringrules_v1_AccessMonitoringRulesServiceDefinition } from './teleport/accessmonitoringrules/v1/AccessMonitoringRulesService.ts';
import type { AutomaticReview as _teleport_accessmonitoringrules_v1_AutomaticReview, AutomaticReview__Output as _teleport_accessmonitoringrules_v1_AutomaticReview__Output } from './teleport/accessmonitoringrules/v1/AutomaticReview.ts';
import type { ListAccessMonitoringRulesWithFilterRequest as _teleport_accessmonitoringrules_v1_ListAccessMonitoringRulesWithFilterRequest, ListAccessMonitoringRulesWithFilterRequest__Output as _teleport_accessmonitoringrules_v1_ListAccessMonitoringRulesWithFilterRequest__Output } from './teleport/accessmonitoringrules/v1/ListAccessMonitoringRulesWithFilterRequest.ts';
import type { ListAccessMonitoringRulesWithFilterResponse as _teleport_accessmonitoringrules_v1_ListAccessMonitoringRulesWithFilterResponse, ListAccessMonitoringRulesWithFilterResponse__Output as _teleport_accessmonitoringrules_v1_ListAccessMonitoringRulesWithFilterResponse__Output } from './teleport/accessmonitoringrules/v1/ListAccessMonitoringRulesWithFilterResponse.ts';
import type { Metadata as _teleport_header_v1_Metadata, Metadata__Output as _teleport_header_v1_Metadata__Output } from './teleport/header/v1/Metadata.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  teleport: {
    accessmonitoringrules: {
      v1: {
        AccessMonitoringRule: MessageTypeDefinition<_teleport_accessmonitoringrules_v1_AccessMonitoringRule, _teleport_accessmonitoringrules_v1_AccessMonitoringRule__Output>
        AccessMonitoringRuleSpec: MessageTypeDefinition<_teleport_accessmonitoringrules_v1_AccessMonitoringRuleSpec, _teleport_accessmonitoringrules_v1_AccessMonitoringRuleSpec__Output>
        AccessMonitoringRulesService: SubtypeConstructor<typeof grpc.Client, _teleport_accessmonitoringrules_v1_AccessMonitoringRulesServiceClient> & { service: _teleport_accessmonitoringrules_v1_AccessMonitoringRulesServiceDefinition }
        AutomaticReview: MessageTypeDefinition<_teleport_accessmonitoringrules_v1_AutomaticReview, _teleport_accessmonitoringrules_v1_AutomaticReview__Output>
        ListAccessMonitoringRulesWithFilterRequest: MessageTypeDefinition<_teleport_accessmonitoringrules_v1_ListAccessMonitoringRulesWithFilterRequest, _teleport_accessmonitoringrules_v1_ListAccessMonitoringRulesWithFilterRequest__Output>
        ListAccessMonitoringRulesWithFilterResponse: MessageTypeDefinition<_teleport_accessmonitoringrules_v1_ListAccessMonitoringRulesWithFilterResponse, _teleport_accessmonitoringrules_v1_ListAccessMonitoringRulesWithFilterResponse__Output>
      }
    }
    header: {
      v1: {
        Metadata: MessageTypeDefinition<_teleport_header_v1_Metadata, _teleport_header_v1_Metadata__Output>
      }
    }
  }
}

