// Original file: src/teleport/proto/teleport/legacy/client/proto/authservice.proto


export interface ListResourcesRequest {
  'ResourceType'?: (string);
  'Namespace'?: (string);
  'Limit'?: (number);
  'StartKey'?: (string);
  'Labels'?: ({[key: string]: string});
  'PredicateExpression'?: (string);
  'SearchKeywords'?: (string)[];
  'NeedTotalCount'?: (boolean);
  'UseSearchAsRoles'?: (boolean);
  'UsePreviewAsRoles'?: (boolean);
}

export interface ListResourcesRequest__Output {
  'ResourceType': (string);
  'Namespace': (string);
  'Limit': (number);
  'StartKey': (string);
  'Labels': ({[key: string]: string});
  'PredicateExpression': (string);
  'SearchKeywords': (string)[];
  'NeedTotalCount': (boolean);
  'UseSearchAsRoles': (boolean);
  'UsePreviewAsRoles': (boolean);
}
