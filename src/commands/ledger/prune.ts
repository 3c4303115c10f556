import { loadConfig } from '../../config/load.ts';
import { ConfigError } from '../../config/config-error.ts';
import { instantOf, MINUTE, plusMs } from '../../core/values/instant.ts';
import { openHistory, openLedger, openPruning, openSeals } from '../../ledger/open-ledger.ts';
import { pruneLedger } from '../../traceability/retention.ts';
import { YOUNGEST_MS } from '../../traceability/verify.ts';
import { EXIT_OK, type Terminal } from '../terminal.ts';
import { momentOf } from './moment.ts';

export interface PruneOptions {
  readonly config: string;
  readonly before: string;
  readonly dryRun?: boolean;
}

const OPEN_DEADLINE_MS = MINUTE;

/**
 * `ledger prune`: removes entries from before a moment and leaves a checkpoint in their place; the service may go on meanwhile.
 * Throws ConfigError, LedgerUnavailableError.
 */
export async function prune(options: PruneOptions, terminal: Terminal): Promise<number> {
  const { ledger } = loadConfig(options.config, terminal.environment, { offline: true });
  const now = instantOf(Date.now());
  const before = momentOf('--before', options.before, Date.now());
  if (before > plusMs(now, -YOUNGEST_MS)) {
    throw new ConfigError(
      '`--before` must be a day ago or longer: `ledger verify` takes the removal of younger entries for an attack',
    );
  }
  await using history = await openHistory(ledger);
  await using open = await openLedger(ledger, AbortSignal.timeout(OPEN_DEADLINE_MS));
  const pruning = openPruning(ledger, open.ledger);
  const seals = await openSeals(ledger, history);
  const plan = await pruneLedger({ history, pruning, before, now, seals, dryRun: options.dryRun === true });
  if (plan.kind === 'nothing') {
    terminal.print(`nothing is removed: ${plan.why}`);
    return EXIT_OK;
  }
  const { removed, through } = plan.checkpoint;
  const done =
    options.dryRun === true ? 'would be removed' : 'were removed, and a checkpoint stands for them';
  terminal.print(
    `entries ${removed.from} to ${through.seq} (${removed.entries} entries, ${removed.decisions} decisions, the last of ${through.at}) ${done}`,
  );
  if (plan.stopsBecause !== null) terminal.print(`no more than these: ${plan.stopsBecause}`);
  return EXIT_OK;
}
