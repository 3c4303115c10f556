// Original file: src/teleport/proto/teleport/userloginstate/v1/userloginstate.proto

import type { Trait as _teleport_trait_v1_Trait, Trait__Output as _teleport_trait_v1_Trait__Output } from '../../../teleport/trait/v1/Trait.ts';

export interface Spec {
  'roles'?: (string)[];
  'traits'?: (_teleport_trait_v1_Trait)[];
  'original_roles'?: (string)[];
  'original_traits'?: (_teleport_trait_v1_Trait)[];
  'access_list_roles'?: (string)[];
  'access_list_traits'?: (_teleport_trait_v1_Trait)[];
}

export interface Spec__Output {
  'roles': (string)[];
  'traits': (_teleport_trait_v1_Trait__Output)[];
  'original_roles': (string)[];
  'original_traits': (_teleport_trait_v1_Trait__Output)[];
  'access_list_roles': (string)[];
  'access_list_traits': (_teleport_trait_v1_Trait__Output)[];
}
