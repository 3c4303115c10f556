import type { AuditEvent } from '../../../src/core/usage/event-types.ts';
import { nothingCollected, withAuditEvent, type Collected } from '../../../src/core/usage/evidence.ts';
import { MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import { NOW, ROOT_CLUSTER, SAM } from '../../support/builders.ts';

/** So many minutes after the story's second. */
export function minute(number: number) {
  return plusMs(NOW, number * MINUTE);
}

let count = 0;

/** An event of the story's session on web-1, with another uid each time. */
export function anAuditEvent(overrides: Partial<AuditEvent> = {}): AuditEvent {
  count += 1;
  return {
    type: 'session.start',
    uid: `uid-${count}`,
    time: minute(1),
    cluster: ROOT_CLUSTER,
    requests: [],
    user: SAM.id,
    ...overrides,
  };
}

/** A digest that a test can read. */
export function digest(text: string): string {
  return `#${text}`;
}

export function collected(...events: readonly Partial<AuditEvent>[]): Collected {
  return events.reduce<Collected>(
    (all, event) => withAuditEvent(all, anAuditEvent(event), digest),
    nothingCollected,
  );
}

export const WEB_1 = { kind: 'node', name: 'web-1' };
