// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { DatabaseServerV3 as _types_DatabaseServerV3, DatabaseServerV3__Output as _types_DatabaseServerV3__Output } from '../types/DatabaseServerV3.ts';
import type { AppServerV3 as _types_AppServerV3, AppServerV3__Output as _types_AppServerV3__Output } from '../types/AppServerV3.ts';
import type { ServerV2 as _types_ServerV2, ServerV2__Output as _types_ServerV2__Output } from '../types/ServerV2.ts';
import type { WindowsDesktopV3 as _types_WindowsDesktopV3, WindowsDesktopV3__Output as _types_WindowsDesktopV3__Output } from '../types/WindowsDesktopV3.ts';
import type { KubernetesServerV3 as _types_KubernetesServerV3, KubernetesServerV3__Output as _types_KubernetesServerV3__Output } from '../types/KubernetesServerV3.ts';

export interface PaginatedResource {
  'DatabaseServer'?: (_types_DatabaseServerV3 | null);
  'AppServer'?: (_types_AppServerV3 | null);
  'Node'?: (_types_ServerV2 | null);
  'WindowsDesktop'?: (_types_WindowsDesktopV3 | null);
  'KubernetesServer'?: (_types_KubernetesServerV3 | null);
  'git_server'?: (_types_ServerV2 | null);
  'resource'?: "DatabaseServer"|"AppServer"|"Node"|"WindowsDesktop"|"KubernetesServer"|"git_server";
}

export interface PaginatedResource__Output {
  'DatabaseServer'?: (_types_DatabaseServerV3__Output | null);
  'AppServer'?: (_types_AppServerV3__Output | null);
  'Node'?: (_types_ServerV2__Output | null);
  'WindowsDesktop'?: (_types_WindowsDesktopV3__Output | null);
  'KubernetesServer'?: (_types_KubernetesServerV3__Output | null);
  'git_server'?: (_types_ServerV2__Output | null);
  'resource'?: "DatabaseServer"|"AppServer"|"Node"|"WindowsDesktop"|"KubernetesServer"|"git_server";
}
