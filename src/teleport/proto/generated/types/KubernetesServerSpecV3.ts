// Original file: src/teleport/proto/teleport/legacy/types/types.proto

import type { KubernetesClusterV3 as _types_KubernetesClusterV3, KubernetesClusterV3__Output as _types_KubernetesClusterV3__Output } from '../types/KubernetesClusterV3.ts';

export interface KubernetesServerSpecV3 {
  'Cluster'?: (_types_KubernetesClusterV3 | null);
}

export interface KubernetesServerSpecV3__Output {
  'Cluster': (_types_KubernetesClusterV3__Output | null);
}
