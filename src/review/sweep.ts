import type { RequestId, SeenRequest } from '../core/access-request.ts';
import { awaitsShiftEnd, knownEnd, rulesEndingAccess } from '../core/effects/access-end.ts';
import { dueEffects } from '../core/effects/due-effects.ts';
import { standingDecision } from '../core/effects/own-review.ts';
import { storyOf, type Story } from '../core/record/story.ts';
import type { Policy } from '../core/rule.ts';
import type { Instant } from '../core/values/instant.ts';
import { LedgerForgedError } from '../ports/ledger.ts';
import type { ObservedRequest } from '../ports/teleport.ts';
import type { Dependencies } from './dependencies.ts';
import { messageOf } from '../core/values/cause.ts';

export interface SweepOptions extends Pick<
  Dependencies,
  'ledger' | 'requests' | 'reporter' | 'policyInForce' | 'setting' | 'clock'
> {
  /** Everything pending in Teleport, without what the watch has seen since the question was put. */
  readonly listPending: (signal: AbortSignal) => Promise<readonly SeenRequest[]>;
  /** Whether the request is waiting or being handled already. */
  readonly isBusy: (id: RequestId) => boolean;
  /** What is known of a request that is to be handled again before long. */
  readonly repeating: (id: RequestId) => ObservedRequest | undefined;
  readonly handle: (observed: ObservedRequest) => void;
}

export interface Sweep {
  /** The net under the watch: everything pending, and everything that the ledger says is not over. */
  sweep(signal: AbortSignal): Promise<void>;
  /** What ended while nobody watched: everything that the ledger says is not over, and that Teleport did not list as pending. */
  lookBeside(listed: ReadonlySet<RequestId>, signal: AbortSignal): Promise<void>;
  /** Requests with effects that are due but not done, or with access that ended meanwhile, after a crash for instance. */
  resume(signal: AbortSignal): Promise<void>;
}

/** Looks for work that no event will bring. Neither job throws: a failed pass is reported, and the next one comes on schedule. */
export function createSweep(options: SweepOptions): Sweep {
  const { ledger, requests, reporter, policyInForce, setting, clock, isBusy, repeating, handle } = options;

  async function look(id: RequestId, signal: AbortSignal): Promise<void> {
    if (!isBusy(id)) handle({ id, request: await requests.find(id, signal) });
  }

  async function guarded(signal: AbortSignal, pass: () => Promise<void>): Promise<void> {
    try {
      await pass();
    } catch (error) {
      if (!signal.aborted) reporter.sweepFailed({ cause: messageOf(error) });
    }
  }

  /** Null where somebody else has written to it. */
  async function storyIfSound(id: RequestId): Promise<Story | null> {
    try {
      return storyOf(await ledger.entriesOf(id));
    } catch (error) {
      if (error instanceof LedgerForgedError) return null;
      throw error;
    }
  }

  /** What is not pending any more is looked at again, but not what is known to be resolved and watched for its end. */
  async function lookBeside(listed: ReadonlySet<RequestId>, signal: AbortSignal): Promise<number> {
    const beside = (await ledger.open()).filter(
      (id) => !listed.has(id) && (repeating(id)?.request?.state ?? 'pending') === 'pending',
    );
    for (const id of beside) await look(id, signal);
    return beside.length;
  }

  return {
    sweep: (signal) =>
      guarded(signal, async () => {
        const pending = await options.listPending(signal);
        for (const request of pending) {
          const known = repeating(request.id)?.request;
          if (!isBusy(request.id) && known?.revision !== request.revision)
            handle({ id: request.id, request, listed: true });
        }
        const open = await lookBeside(new Set(pending.map(({ id }) => id)), signal);
        reporter.swept({ pending: pending.length, open });
      }),
    lookBeside: (listed, signal) =>
      guarded(signal, async () => {
        await lookBeside(listed, signal);
      }),
    resume: (signal) =>
      guarded(signal, async () => {
        let unfinished = 0;
        let effects = 0;
        for (const id of await ledger.open()) {
          const story = await storyIfSound(id);
          if (story === null) {
            // Whoever handles it is told, once.
            await look(id, signal);
            continue;
          }
          const { policy } = policyInForce();
          const now = clock.now();
          const due = dueEffects(story, { policy, setting, now }).length;
          if (due === 0 && !isShiftOver(story, policy, now)) continue;
          unfinished += 1;
          effects += due;
          await look(id, signal);
        }
        reporter.resumed({ requests: unfinished, effects });
      }),
  };
}

/** Whether the access goes on although, as far as is known, the shift that gave it is over: it must be looked at now. */
function isShiftOver(story: Story, policy: Policy, now: Instant): boolean {
  const given = standingDecision(story);
  if (given === null || !awaitsShiftEnd(story, { policy, now })) return false;
  const end = knownEnd(story, given, rulesEndingAccess(given, policy));
  return end !== null && end <= now;
}
