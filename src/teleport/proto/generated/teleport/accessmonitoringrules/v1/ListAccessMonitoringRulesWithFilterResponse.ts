// Original file: src/teleport/proto/teleport/accessmonitoringrules/v1/access_monitoring_rules_service.proto

import type { AccessMonitoringRule as _teleport_accessmonitoringrules_v1_AccessMonitoringRule, AccessMonitoringRule__Output as _teleport_accessmonitoringrules_v1_AccessMonitoringRule__Output } from '../../../teleport/accessmonitoringrules/v1/AccessMonitoringRule.ts';

export interface ListAccessMonitoringRulesWithFilterResponse {
  'rules'?: (_teleport_accessmonitoringrules_v1_AccessMonitoringRule)[];
  'next_page_token'?: (string);
}

export interface ListAccessMonitoringRulesWithFilterResponse__Output {
  'rules': (_teleport_accessmonitoringrules_v1_AccessMonitoringRule__Output)[];
  'next_page_token': (string);
}
