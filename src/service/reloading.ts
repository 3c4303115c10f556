import type { Config } from '../config/load.ts';
import { messageOf } from '../core/values/cause.ts';
import { sha256 } from '../ledger/rows.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { Ruled } from '../review/policy-source.ts';
import type { Proving } from './proving.ts';

/** The configuration where it was read from. */
export interface ConfigurationSource {
  /** Reads and checks all of it, as a start does. Throws ConfigError. */
  readonly read: () => Config;
  /** Its text as it is now. Throws where it cannot be read. */
  readonly text: () => string;
  /** Throws ConfigError unless everything that is claimed is proven; absent where nobody asks. */
  readonly proven?: Proving;
}

interface Key {
  readonly reveal: () => string;
  readonly file: string | null;
}

/** The configuration that counts: that of the start, with rules, identities and keys of the newest reading that was right. */
export interface Reloading {
  /** Throws ConfigError, also where a map that was changed breaks a claim. */
  policyNow(): Promise<Ruled>;
  readonly keys: { readonly readKey: Key; readonly writeKey: Key };
  /** Reads it again; one that is wrong changes nothing, and is told. Gives whether it was right. */
  reload(): Promise<boolean>;
  /** Whether the file has another text than when it was read last, right or wrong. */
  hasChanged(): boolean;
}

/** What the policy is made of; every other section is opened once, and counts from the next start on. */
const IN_POLICY: readonly string[] = ['rules', 'claims', 'identities', 'require_sso', 'addresses'];
const KEYS: readonly string[] = ['api_key', 'api_key_file', 'write_key', 'write_key_file'];

export function createReloading(
  config: Config,
  source: ConfigurationSource,
  reporter: Pick<Reporter, 'reloaded' | 'policyProblem'>,
): Reloading {
  const begun = sectionsOf(config);
  let current = config;
  let lastText = textNow();

  function textNow(): string | null {
    try {
      return source.text();
    } catch {
      // Between two states of a link that is swapped there may be none: the next look finds one.
      return null;
    }
  }

  const readKey: Key = {
    reveal: () => current.pagerduty.readKey.reveal(),
    file: config.pagerduty.readKey.file,
  };
  const writeKey: Key = {
    reveal: () => current.pagerduty.writeKey.reveal(),
    file: config.pagerduty.writeKey.file,
  };
  async function readAgain(): Promise<boolean> {
    lastText = textNow();
    try {
      const read = source.read();
      await source.proven?.(read, { again: true });
      current = read;
    } catch (error) {
      reporter.policyProblem({ cause: messageOf(error) });
      return false;
    }
    const sections = sectionsOf(current);
    const names = [...new Set([...Object.keys(begun), ...Object.keys(sections)])];
    reporter.reloaded({ needsRestart: names.filter((name) => sections[name] !== begun[name]) });
    return true;
  }

  // One after the other: what was read earlier never takes the place of what was read later.
  let last = Promise.resolve(true);
  return {
    async policyNow() {
      const { claims, policyNow } = current;
      const policy = policyNow();
      await source.proven?.({ policy, claims });
      return { policy, ...(claims.length === 0 ? {} : { claimsDigest: digestOfClaims(claims) }) };
    },
    keys: { readKey, writeKey: hasTwoKeys(config) ? writeKey : readKey },
    async reload() {
      last = last.then(readAgain);
      return await last;
    },
    hasChanged() {
      const text = textNow();
      return text !== null && text !== lastText;
    },
  };
}

/** By it decisions name the claims that held, however they are written down. */
export function digestOfClaims(claims: Config['claims']): string {
  return sha256(JSON.stringify(claims.map(({ written, other }) => ({ written, other }))));
}

function hasTwoKeys({ pagerduty }: Config): boolean {
  return pagerduty.writeKey !== pagerduty.readKey;
}

/** What is said of each that waits for a start, to be compared; where the keys of PagerDuty are may change. */
function sectionsOf(config: Config): Readonly<Record<string, string>> {
  const sections = Object.entries(config.said).filter(([name]) => !IN_POLICY.includes(name));
  return Object.fromEntries(
    sections.map(([name, said]) => [name, name === 'pagerduty' ? withoutKeys(config) : JSON.stringify(said)]),
  );
}

function withoutKeys(config: Config): string {
  const others = Object.entries(config.said.pagerduty).filter(([name]) => !KEYS.includes(name));
  return JSON.stringify([others, hasTwoKeys(config)]);
}
