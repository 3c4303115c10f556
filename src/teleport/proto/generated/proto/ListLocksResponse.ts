// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { LockV2 as _types_LockV2, LockV2__Output as _types_LockV2__Output } from '../types/LockV2.ts';

export interface ListLocksResponse {
  'locks'?: (_types_LockV2)[];
  'next_page_token'?: (string);
}

export interface ListLocksResponse__Output {
  'locks': (_types_LockV2__Output)[];
  'next_page_token': (string);
}
