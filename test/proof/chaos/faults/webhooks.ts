import type { Fault } from './fault.ts';
import type { Passage } from '../webhook-gate.ts';

const PASSAGES: readonly Exclude<Passage, 'through'>[] = ['lost', 'late', 'twice', 'refused'];

/** What becomes of webhooks on their way: each is only a nudge, and whatever they would have told is polled for. */
export const WEBHOOK_FAULTS: readonly Fault[] = PASSAGES.map((passage) => ({
  name: `webhooks are ${passage}`,
  strike: ({ arena: { webhooks } }) => {
    if (webhooks === null) return { hits: () => 0 };
    const before = webhooks.meddled;
    webhooks.passage = passage;
    return {
      mend: () => {
        webhooks.passage = 'through';
      },
      hits: () => webhooks.meddled - before,
    };
  },
}));
