import { loadConfig } from '../../config/load.ts';
import { sanitise } from '../../core/values/words.ts';
import { tryClaims } from '../../rules/claims/try-claim.ts';
import { replayLedger, type Difference } from '../../traceability/replay.ts';
import { EXIT_FAULT, EXIT_OK, progressLine, type Terminal } from '../terminal.ts';
import { momentOf } from './moment.ts';
import { openPlace } from './place.ts';

export interface ReplayCommandOptions {
  /** The configuration with the new rules; it also says where the ledger is, unless `ledger` does. */
  readonly config: string;
  readonly ledger?: string;
  readonly since?: string;
  readonly json?: boolean;
  /** Exit code 1 when anything would be decided differently. */
  readonly expectNone?: boolean;
}

/** The differences told one by one; the rest are counted. */
const TOLD = 100;

/**
 * `ledger replay --config NEW`: which past requests would be decided differently under the rules of that file, and why. Nothing
 * is looked up anew and nothing is changed. What the file claims of its rules is proven as well: without it the exit code is 1. Throws ConfigError, LedgerUnavailableError.
 */
export async function replay(options: ReplayCommandOptions, terminal: Terminal): Promise<number> {
  const { policy, claims } = loadConfig(options.config, terminal.environment, { offline: true });
  const unproven = tryClaims(claims, policy).flatMap(({ claim, state }) =>
    state === 'holds' ? [] : [claim.words],
  );
  const since = options.since === undefined ? null : momentOf('--since', options.since, Date.now());
  await using history = await openPlace(options, terminal);
  using progress = progressLine((await history.extent())?.entries ?? 0, 'entries');
  let told = 0;
  const result = await replayLedger({
    history,
    policy,
    since,
    onProgress: progress.at,
    onDifference: (difference) => {
      told += 1;
      if (options.json === true) terminal.print(JSON.stringify(difference));
      else if (told <= TOLD) for (const line of differenceLines(difference)) terminal.print(line);
    },
  });
  if (options.json === true) terminal.print(JSON.stringify({ summary: { ...result, unproven } }));
  else {
    if (told > TOLD) terminal.print(`… and ${told - TOLD} more`);
    terminal.print(`${result.decisions} decisions, ${result.same} the same, ${result.different} different`);
    for (const [change, count] of Object.entries(result.changes)) terminal.print(`  ${change}: ${count}`);
    if (result.lackEvidence > 0) {
      terminal.print(
        `${result.lackEvidence} of them only because these rules ask for what was not looked up then: nobody can tell what PagerDuty would have said`,
      );
    }
    for (const words of unproven)
      terminal.print(
        `NOT PROVEN  ${words}: \`rules prove\` shows why, and the service does not start with these rules`,
      );
  }
  const isOtherwise = options.expectNone === true && result.different > 0;
  return isOtherwise || unproven.length > 0 ? EXIT_FAULT : EXIT_OK;
}

function differenceLines(difference: Difference): readonly string[] {
  const { decidedAt, decisionId, requester, roles, was, wouldBe, reasons, lacksEvidence } = difference;
  return [
    `${decidedAt}  ${decisionId}  ${sanitise(`${requester} for ${roles.join(', ')}`, 200)}: ${was} → ${wouldBe}${lacksEvidence ? ' (for want of evidence)' : ''}`,
    ...reasons.map(({ text }) => `${' '.repeat(26)}${sanitise(text, 500)}`),
  ];
}
