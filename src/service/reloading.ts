import type { Config } from '../config/load.ts';
import type { Policy } from '../core/rule.ts';
import { messageOf } from '../core/values/cause.ts';
import type { Reporter } from '../ports/reporter.ts';

/** The configuration where it was read from. */
export interface ConfigurationSource {
  /** Reads and checks all of it, as a start does. Throws ConfigError. */
  readonly read: () => Config;
  /** Its text as it is now. Throws where it cannot be read. */
  readonly text: () => string;
}

interface Key {
  readonly reveal: () => string;
  readonly file: string | null;
}

/** The configuration that counts: that of the start, with rules, identities and keys of the newest reading that was right. */
export interface Reloading {
  /** Throws ConfigError. */
  readonly policyNow: () => Policy;
  readonly keys: { readonly readKey: Key; readonly writeKey: Key };
  /** Reads it again; one that is wrong changes nothing, and is told. Gives whether it was right. */
  reload(): boolean;
  /** Whether the file has another text than when it was read last, right or wrong. */
  hasChanged(): boolean;
}

/** Changed by a restart alone: connections, and what is opened once. */
const FIXED = ['teleport', 'pagerduty', 'roster', 'ledger', 'http', 'usage', 'log', 'reload'] as const;

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
  return {
    policyNow: () => current.policyNow(),
    keys: { readKey, writeKey: hasTwoKeys(config) ? writeKey : readKey },
    reload() {
      lastText = textNow();
      try {
        current = source.read();
      } catch (error) {
        reporter.policyProblem({ cause: messageOf(error) });
        return false;
      }
      const sections = sectionsOf(current);
      reporter.reloaded({ needsRestart: FIXED.filter((name) => sections[name] !== begun[name]) });
      return true;
    },
    hasChanged() {
      const text = textNow();
      return text !== null && text !== lastText;
    },
  };
}

function hasTwoKeys({ pagerduty }: Config): boolean {
  return pagerduty.writeKey !== pagerduty.readKey;
}

/** What is said of each, to be compared; where the keys of PagerDuty are may change. */
function sectionsOf(config: Config): Readonly<Record<(typeof FIXED)[number], string>> {
  const { teleport, pagerduty, roster, ledger, http, usage, log, reload } = config.said;
  const others = Object.entries(pagerduty).filter(([name]) => !KEYS.includes(name));
  return {
    teleport: JSON.stringify(teleport),
    pagerduty: JSON.stringify([others, hasTwoKeys(config)]),
    roster: JSON.stringify(roster),
    ledger: JSON.stringify(ledger),
    http: JSON.stringify(http ?? null),
    usage: JSON.stringify(usage ?? null),
    log: JSON.stringify(log),
    reload,
  };
}
