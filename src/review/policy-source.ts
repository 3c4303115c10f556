import { AlreadyRecordedError } from '../ports/ledger.ts';
import type { Dependencies, PolicyInForce } from './dependencies.ts';
import { messageOf } from '../core/values/cause.ts';

/** A policy that may be in force. */
export type Ruled = Omit<PolicyInForce, 'policyDigest'>;

export interface PolicySource {
  readonly inForce: () => PolicyInForce;
  /** Looks whether the policy has changed, and puts the new one in force once it is recorded. Never throws; a problem is told once. */
  refresh(): Promise<void>;
}

/**
 * The policy by which requests are decided. Each is recorded in the ledger before anything is decided under it, so that every
 * decision can be derived again. Throws what `read` or the ledger throws, at the start only: later a policy that cannot be
 * read leaves the last one in force, and is reported.
 */
export async function openPolicySource(
  read: () => Ruled | Promise<Ruled>,
  { ledger, clock, digest, reporter }: Pick<Dependencies, 'ledger' | 'clock' | 'digest' | 'reporter'>,
): Promise<PolicySource> {
  async function recorded(ruled: Ruled): Promise<PolicyInForce> {
    const { policy } = ruled;
    const policyDigest = digest(JSON.stringify(policy));
    try {
      await ledger.append([{ kind: 'policy', digest: policyDigest, policy }], clock.now());
    } catch (error) {
      if (!(error instanceof AlreadyRecordedError)) throw error;
    }
    return { ...ruled, policyDigest };
  }

  let current = await recorded(await read());
  let told = '';
  async function look(): Promise<void> {
    try {
      const ruled = await read();
      told = '';
      const { policyDigest } = current;
      if (digest(JSON.stringify(ruled.policy)) === policyDigest) {
        current = { ...ruled, policyDigest };
        return;
      }
      current = await recorded(ruled);
      reporter.policyChanged({ digest: current.policyDigest });
    } catch (error) {
      const cause = messageOf(error);
      if (cause !== told) reporter.policyProblem({ cause });
      told = cause;
    }
  }

  // One after the other: what was read earlier never takes the place of what was read later.
  let last = Promise.resolve();
  return {
    inForce: () => current,
    async refresh() {
      last = last.then(look);
      await last;
    },
  };
}
