// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { EntitlementInfo as _proto_EntitlementInfo, EntitlementInfo__Output as _proto_EntitlementInfo__Output } from '../proto/EntitlementInfo.ts';

export interface Features {
  'AccessControls'?: (boolean);
  'AdvancedAccessWorkflows'?: (boolean);
  'Cloud'?: (boolean);
  'Plugins'?: (boolean);
  'AutomaticUpgrades'?: (boolean);
  'IsUsageBased'?: (boolean);
  'entitlements'?: ({[key: string]: _proto_EntitlementInfo});
}

export interface Features__Output {
  'AccessControls': (boolean);
  'AdvancedAccessWorkflows': (boolean);
  'Cloud': (boolean);
  'Plugins': (boolean);
  'AutomaticUpgrades': (boolean);
  'IsUsageBased': (boolean);
  'entitlements': ({[key: string]: _proto_EntitlementInfo__Output});
}
