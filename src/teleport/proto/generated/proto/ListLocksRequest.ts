// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto

import type { LockFilter as _types_LockFilter, LockFilter__Output as _types_LockFilter__Output } from '../types/LockFilter.ts';

export interface ListLocksRequest {
  'page_size'?: (number);
  'page_token'?: (string);
  'filter'?: (_types_LockFilter | null);
}

export interface ListLocksRequest__Output {
  'page_size': (number);
  'page_token': (string);
  'filter': (_types_LockFilter__Output | null);
}
