/** Somebody of the reference story, in PagerDuty and in Teleport. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly teleportUser: string;
}

export const SAM: Person = { id: 'PSAM1RE', name: 'Sam One', teleportUser: 'sre-1' };
export const TAYLOR: Person = { id: 'PTAY2RE', name: 'Taylor Two', teleportUser: 'sre-2' };
export const ROBIN: Person = { id: 'PROB3RE', name: 'Robin Three', teleportUser: 'sre-3' };
export const ALEX: Person = { id: 'POUT4SD', name: 'Alex Outsider', teleportUser: 'outsider@example.com' };
/** Those whom a map names, where there is one. */
export const MAPPED: readonly Person[] = [SAM, TAYLOR, ROBIN];
/** No person: an integration that writes notes. */
export const AUTOMATION = { type: 'service', id: 'PSERVC1' } as const;
