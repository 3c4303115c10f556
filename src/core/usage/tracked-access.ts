import type { AccessRequest } from '../access-request.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Story } from '../record/story.ts';
import { plusMs, type Instant } from '../values/instant.ts';
import { nothingCollected, withGap } from './evidence.ts';
import { LONGEST_ACCESS_MS, type Tracked } from './tracked.ts';

/**
 * An access that was given, about to be followed. `request` as Teleport has it now, null where it is gone; `readThrough`: how far the audit
 * log was read before. Null where its last account stands in the ledger already.
 */
export function trackedAccess(
  story: Story,
  { request: asked, requestId }: RecordedDecision,
  request: AccessRequest | null,
  { rootCluster, readThrough }: { readonly rootCluster: string | null; readonly readThrough: Instant | null },
): Tracked | null {
  const last = story.used.at(-1);
  if (last !== undefined && last.stage !== 'provisional') return null;
  const { resources } = asked;
  const elsewhere = new Set(resources.map(({ cluster }) => cluster).filter((name) => name !== rootCluster));
  const from = approvedAfter(story, request);
  const isLate = readThrough === null || from < readThrough;
  const started = isLate ? withGap(nothingCollected, { why: 'began-later', detail: '' }) : nothingCollected;
  const collected = [...elsewhere].reduce(
    (all, cluster) => withGap(all, { why: 'other-cluster', detail: cluster }),
    started,
  );
  return {
    requestId,
    cluster: rootCluster,
    from,
    accessExpires: request?.accessExpires ?? asked.accessExpires ?? plusMs(from, LONGEST_ACCESS_MS),
    collected,
    through: from,
    number: story.used.length,
    stage: last?.stage ?? null,
    changed: false,
  };
}

/** The access was not given before: by the last review in Teleport, else by what this service did, or when it last saw the request wait. */
function approvedAfter({ decided, effects }: Story, request: AccessRequest | null): Instant {
  const reviews = request?.reviews.filter(({ proposedState }) => proposedState === 'approved') ?? [];
  const times = [
    decided?.decidedAt ?? null,
    ...[...effects.values()]
      .filter(({ intended: { kind }, done }) => (kind === 'review' || kind === 'vote') && done?.ours === true)
      .map(({ intendedAt }) => intendedAt),
    ...reviews.map(({ created }) => created),
  ];
  return (
    times
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? ('0000-01-01T00:00:00.000Z' as Instant)
  );
}
