// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { KubernetesServerSpecV3 as _types_KubernetesServerSpecV3, KubernetesServerSpecV3__Output as _types_KubernetesServerSpecV3__Output } from '../types/KubernetesServerSpecV3.ts';

export interface KubernetesServerV3 {
  'Spec'?: (_types_KubernetesServerSpecV3 | null);
}

export interface KubernetesServerV3__Output {
  'Spec': (_types_KubernetesServerSpecV3__Output | null);
}
