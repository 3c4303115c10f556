import type { Policy } from '../core/rule.ts';
import { AlreadyRecordedError } from '../ports/ledger.ts';
import type { Dependencies, PolicyInForce } from './dependencies.ts';
import { messageOf } from '../core/values/cause.ts';

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
  read: () => Policy,
  { ledger, clock, digest, reporter }: Pick<Dependencies, 'ledger' | 'clock' | 'digest' | 'reporter'>,
): Promise<PolicySource> {
  async function recorded(policy: Policy): Promise<PolicyInForce> {
    const policyDigest = digest(JSON.stringify(policy));
    try {
      await ledger.append([{ kind: 'policy', digest: policyDigest, policy }], clock.now());
    } catch (error) {
      if (!(error instanceof AlreadyRecordedError)) throw error;
    }
    return { policy, policyDigest };
  }

  let current = await recorded(read());
  let told = '';
  return {
    inForce: () => current,
    async refresh() {
      try {
        const policy = read();
        told = '';
        if (digest(JSON.stringify(policy)) === current.policyDigest) return;
        current = await recorded(policy);
        reporter.policyChanged({ digest: current.policyDigest });
      } catch (error) {
        const cause = messageOf(error);
        if (cause !== told) reporter.policyProblem({ cause });
        told = cause;
      }
    },
  };
}
