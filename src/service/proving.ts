import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/load.ts';
import { sha256 } from '../ledger/rows.ts';

/** Rules with everything that is claimed of them. */
export type ClaimedRules = Pick<Config, 'policy' | 'claims'>;

/** A claim that is not proven, and why. */
interface Unproven {
  readonly words: string;
  readonly why: string;
}

/** A proof that takes longer counts as none. */
const WITHIN_MS = 60_000;
const MOST_MEMORY_MB = 300;
const ITSELF = fileURLToPath(import.meta.url);

/** Throws ConfigError unless all claims hold. `again`: also where it was too late for the same rules before. */
export type Proving = (claimed: ClaimedRules, options?: { readonly again?: boolean }) => Promise<void>;

/**
 * Proves what is claimed of rules, in a process of its own: what a proof needs of memory is gone after it. The same rules and claims are
 * proven once.
 */
export function createProving(
  file: string,
  limits: { readonly withinMs?: number; readonly signal?: AbortSignal } = {},
): Proving {
  let last: { digest: string; unproven: Promise<readonly Unproven[]>; isLate: boolean } | null = null;
  return async ({ policy, claims }, { again = false } = {}) => {
    if (claims.length === 0) return;
    // Who people are decides nothing in a proof, and may be long.
    const given = { policy: { ...policy, identities: [] }, claims };
    const digest = sha256(JSON.stringify(given));
    if (last?.digest !== digest || (again && last.isLate)) {
      const onLate = () => (begun.isLate = true);
      const begun = { digest, unproven: proveIn(given, limits, onLate), isLate: false };
      last = begun;
    }
    const unproven = await last.unproven;
    if (unproven.length === 0) return;
    throw new ConfigError(
      [
        `${file}: its rules are not proven to keep what it claims; \`oncall-approver rules prove --config ${file}\` shows why`,
        ...unproven.map(({ words, why }) => `  ${words}: ${why}`),
      ].join('\n'),
    );
  };
}

async function proveIn(
  given: ClaimedRules,
  { withinMs = WITHIN_MS, signal }: NonNullable<Parameters<typeof createProving>[1]>,
  onLate: () => void,
): Promise<readonly Unproven[]> {
  const all = (why: string) => {
    onLate();
    return given.claims.map(({ written }) => ({ words: JSON.stringify(written), why }));
  };
  const child = fork(ITSELF, {
    execArgv: ['--max-semi-space-size=4', `--max-old-space-size=${MOST_MEMORY_MB}`],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const stop = () => child.kill('SIGKILL');
  const late = setTimeout(stop, withinMs);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  try {
    return (
      (await answerOf(child, given)) ??
      all(`it cannot be decided within ${withinMs / 1_000} s and ${MOST_MEMORY_MB} MB`)
    );
  } catch (error) {
    return all(`no process could be started for its proof: ${String(error)}`);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** Null where the process ended before it had an answer. */
async function answerOf(child: ChildProcess, given: ClaimedRules): Promise<readonly Unproven[] | null> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Unproven[] | null>();
  child.once('error', reject);
  child.once('exit', () => resolve(null));
  child.once('message', (unproven) => resolve(unproven as readonly Unproven[]));
  await once(child, 'spawn');
  // Whether it could still be told is known by its end: one that was stopped just now may not read any more (EPIPE).
  child.send(given, () => undefined);
  return await promise;
}

/** In the process that proves. Only there the prover is loaded. */
async function prove(given: ClaimedRules): Promise<void> {
  const { tryClaims } = await import('../rules/claims/try-claim.ts');
  const proofs = tryClaims(given.claims, given.policy);
  process.send?.(
    proofs.flatMap((proof) =>
      proof.state === 'holds'
        ? []
        : [{ words: proof.claim.words, why: 'why' in proof ? proof.why : 'it is broken' }],
    ),
  );
}

if (process.argv[1] === ITSELF && process.send !== undefined) {
  process.once('message', (given) => void prove(given as ClaimedRules));
}
