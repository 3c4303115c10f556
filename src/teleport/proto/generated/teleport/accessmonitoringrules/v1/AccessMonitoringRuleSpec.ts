// Original file: src/teleport/proto/teleport/accessmonitoringrules/v1/access_monitoring_rules.proto

import type { AutomaticReview as _teleport_accessmonitoringrules_v1_AutomaticReview, AutomaticReview__Output as _teleport_accessmonitoringrules_v1_AutomaticReview__Output } from '../../../teleport/accessmonitoringrules/v1/AutomaticReview.ts';

export interface AccessMonitoringRuleSpec {
  'subjects'?: (string)[];
  'condition'?: (string);
  'automatic_review'?: (_teleport_accessmonitoringrules_v1_AutomaticReview | null);
  'desired_state'?: (string);
}

export interface AccessMonitoringRuleSpec__Output {
  'subjects': (string)[];
  'condition': (string);
  'automatic_review': (_teleport_accessmonitoringrules_v1_AutomaticReview__Output | null);
  'desired_state': (string);
}
