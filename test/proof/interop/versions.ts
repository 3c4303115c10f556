/** A published version of Teleport's API module that the service is proven against. */
export interface TeleportVersion {
  /** What the module calls itself: releases of the module carry no tags, and master is a `-dev` of the next major. */
  readonly version: string;
  readonly module: string;
  /** Where its dependencies stand, beside go.mod; null for go.mod itself. */
  readonly modFile: string | null;
}

/** Oldest first. `docs/proven-versions.md` tells how they were chosen. */
export const TELEPORT_VERSIONS: readonly TeleportVersion[] = [
  { version: '13.3.8', module: 'v0.0.0-20230905183941-c95e235e8855', modFile: 'versions/13.3.8.mod' },
  { version: '15.0.0-dev', module: 'v0.0.0-20231212204825-da589355d4ea', modFile: 'versions/15.0.0-dev.mod' },
  { version: '16.0.0-dev', module: 'v0.0.0-20240220221413-126de63e7e40', modFile: 'versions/16.0.0-dev.mod' },
  { version: '18.0.0-dev', module: 'v0.0.0-20250128104452-ecabf6b767ac', modFile: null },
];

export function majorOf({ version }: TeleportVersion): number {
  return Number.parseInt(version, 10);
}
