// Original file: src/teleport/proto/teleport/accessmonitoringrules/v1/access_monitoring_rules.proto


export interface AutomaticReview {
  'integration'?: (string);
  'decision'?: (string);
}

export interface AutomaticReview__Output {
  'integration': (string);
  'decision': (string);
}
