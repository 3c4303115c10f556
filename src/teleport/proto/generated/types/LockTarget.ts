// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface LockTarget {
  'User'?: (string);
  'Role'?: (string);
  'Login'?: (string);
  'MFADevice'?: (string);
  'WindowsDesktop'?: (string);
  'AccessRequest'?: (string);
  'Device'?: (string);
  'ServerID'?: (string);
  'BotInstanceID'?: (string);
  'JoinToken'?: (string);
}

export interface LockTarget__Output {
  'User': (string);
  'Role': (string);
  'Login': (string);
  'MFADevice': (string);
  'WindowsDesktop': (string);
  'AccessRequest': (string);
  'Device': (string);
  'ServerID': (string);
  'BotInstanceID': (string);
  'JoinToken': (string);
}
