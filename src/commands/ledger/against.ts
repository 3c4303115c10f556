import { livePagerDuty, liveTeleport } from '../live.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { MINUTE } from '../../core/values/instant.ts';
import type { SearchableHistory } from '../../ports/ledger-history.ts';
import { PagerDutyError } from '../../ports/pagerduty.ts';
import { TeleportError } from '../../ports/teleport.ts';
import { compareWithPagerDuty, compareWithTeleport, type AnchorReport } from '../../traceability/anchors.ts';
import { warning, type Finding } from '../../traceability/finding.ts';
import { usualConfig } from '../options.ts';
import { progressLine, type Terminal } from '../terminal.ts';
import { openPlace, type Place } from './place.ts';

export type Anchor = 'teleport' | 'pagerduty';

export interface Comparison {
  readonly with: Anchor;
  readonly compared: number;
  readonly gone: number;
  readonly findings: readonly Finding[];
  /** What was compared, as a sentence. */
  readonly text: string;
}

/** Requests newer than this are compared with PagerDuty: each costs two reads of the account's budget. */
const PAGERDUTY_REQUESTS = 200;
/** Requests with an answer that counted: these are asked for however long ago they were. */
const PAGERDUTY_ANSWERS = 2_000;
const DEADLINE_MS = 10 * MINUTE;

/** Compares the ledger with what Teleport and PagerDuty keep. What cannot be reached is a warning. Throws ConfigError. */
export async function compareWithOthers(
  anchors: readonly Anchor[],
  options: Place & { readonly export?: string },
  terminal: Terminal,
): Promise<readonly Comparison[]> {
  if (options.export !== undefined) {
    throw new ConfigError('`--against teleport,pagerduty` is for a ledger, and `--export` names none');
  }
  const file = options.config ?? usualConfig(terminal.environment);
  await using history = await openPlace(options, terminal);
  const comparisons: Comparison[] = [];
  for (const anchor of anchors) {
    const compare = anchor === 'teleport' ? againstTeleport : againstPagerDuty;
    comparisons.push(await attempt(anchor, () => compare(history, file, terminal)));
  }
  return comparisons;
}

async function attempt(anchor: Anchor, compare: () => Promise<AnchorReport>): Promise<Comparison> {
  const name = anchor === 'teleport' ? 'Teleport' : 'PagerDuty';
  const noun = anchor === 'teleport' ? 'requests' : 'incidents';
  try {
    const report = await compare();
    const gone = report.gone === 0 ? '' : `, ${report.gone} are gone there`;
    return { with: anchor, ...report, text: `compared with ${name}: ${report.compared} ${noun}${gone}` };
  } catch (error) {
    if (!(error instanceof TeleportError) && !(error instanceof PagerDutyError)) throw error;
    const finding = warning(anchor, null, `${name} could not be compared with: ${error.message}`);
    return { with: anchor, compared: 0, gone: 0, findings: [finding], text: finding.text };
  }
}

async function againstTeleport(
  history: SearchableHistory,
  file: string,
  { environment }: Terminal,
): Promise<AnchorReport> {
  using teleport = await liveTeleport(loadConfig(file, environment));
  const unread: Finding[] = [];
  const requests = await teleport.archive.listAll(AbortSignal.timeout(DEADLINE_MS), (detail) =>
    unread.push(warning('teleport', null, `a request in Teleport cannot be read: ${detail}`)),
  );
  const report = await compareWithTeleport(history, { requests, ownUser: teleport.admin.ownUser() });
  return { ...report, findings: [...unread, ...report.findings] };
}

async function againstPagerDuty(
  history: SearchableHistory,
  file: string,
  { environment }: Terminal,
): Promise<AnchorReport> {
  using pagerduty = livePagerDuty(loadConfig(file, environment));
  const requestIds = new Set<string>();
  for await (const { columns } of history.decisions({ since: null, until: null, before: null })) {
    if (requestIds.size === PAGERDUTY_REQUESTS) break;
    const id = columns?.requestId ?? null;
    if (id !== null) requestIds.add(id);
  }
  const answered = new Set<string>();
  for await (const { eventText } of history.entries()) {
    if (!eventText.includes('"kind":"answered"') || !eventText.includes('"counted":true')) continue;
    answered.add((JSON.parse(eventText) as { requestId: string }).requestId);
  }
  // The newest ones: whose answers are compared at all does not depend on when others were decided.
  for (const id of [...answered].slice(-PAGERDUTY_ANSWERS)) requestIds.add(id);
  const unasked = Math.max(0, answered.size - PAGERDUTY_ANSWERS);
  using progress = progressLine(requestIds.size, 'requests');
  const report = await compareWithPagerDuty(history, {
    incidents: pagerduty.incidents,
    ask: { signal: AbortSignal.timeout(DEADLINE_MS) },
    requestIds: [...requestIds],
    onProgress: progress.at,
  });
  if (unasked === 0) return report;
  const text = `the answers of ${unasked} requests of the longest ago were not asked for: PagerDuty's budget is not there for all`;
  return { ...report, findings: [...report.findings, warning('pagerduty', null, text)] };
}
