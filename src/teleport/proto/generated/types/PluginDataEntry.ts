// Original file: src/teleport/proto/teleport/legacy/types/types.proto


export interface PluginDataEntry {
  'Data'?: ({[key: string]: string});
}

export interface PluginDataEntry__Output {
  'Data': ({[key: string]: string});
}
