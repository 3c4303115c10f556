// Original file: src/teleport/proto/teleport/accessmonitoringrules/v1/access_monitoring_rules_service.proto

import type { Long } from '@grpc/proto-loader';

export interface ListAccessMonitoringRulesWithFilterRequest {
  'page_size'?: (number | string | Long);
  'page_token'?: (string);
  'subjects'?: (string)[];
}

export interface ListAccessMonitoringRulesWithFilterRequest__Output {
  'page_size': (number);
  'page_token': (string);
  'subjects': (string)[];
}
