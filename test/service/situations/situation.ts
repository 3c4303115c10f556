import type { RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import { Stage, type StageOptions } from '../stage.ts';
import type { Account } from '../../sim/pagerduty/account.ts';

export interface SituationOptions extends Omit<StageOptions, 'start'> {
  /** What else there must be when the service starts, for instance a file. */
  readonly beforeStart?: (stage: Stage) => Promise<void>;
}

/** The reference story with PagerDuty changed before the service starts. */
export async function situation(
  arrange: (account: Account) => unknown,
  { beforeStart, ...options }: SituationOptions = {},
): Promise<Stage> {
  const stage = await Stage.open({ ...options, start: false });
  arrange(stage.pagerDuty.account);
  await beforeStart?.(stage);
  await stage.startService();
  return stage;
}

export interface Answer {
  readonly id: string;
  readonly verdict: RecordedDecision['decision']['verdict'];
  /** The reasons in words. */
  readonly why: string;
  /** Teleport's state of the request, once what the decision asks for is done. */
  readonly state: string;
  readonly decided: RecordedDecision;
}

/** Asks as a requester would, and waits for the decision and, where there is one, for the review. */
export async function answerTo(
  stage: Stage,
  user: string,
  proposal: Parameters<Stage['request']>[1] = {},
): Promise<Answer> {
  const id = stage.request(user, proposal);
  return await answerToRequest(stage, id);
}

/** What came of a request that was made. */
async function answerToRequest(stage: Stage, id: string): Promise<Answer> {
  const { decided } = await stage.reports.when('decided', (event) => event.decided.requestId === id);
  const { verdict, reasons } = decided.decision;
  if (verdict === 'approve' || verdict === 'deny') {
    await stage.reports.when('effectDone', ({ requestId, key }) => requestId === id && key === 'review');
  }
  return { id, verdict, why: reasons.map(({ text }) => text).join('; '), state: stage.state(id), decided };
}

/** An instant so many milliseconds from now by PagerDuty's clock, in whole seconds as PagerDuty keeps them. */
export function fromNow(account: Account, ms: number): Date {
  return new Date(Math.floor((account.clock.now().getTime() + ms) / 1_000) * 1_000);
}

export const SAM = 'PSAM1RE';
export const TAYLOR = 'PTAY2RE';
export const ROBIN = 'PROB3RE';
export const PRIMARY = 'PSCHED1';
export const PAYMENTS = 'PPOLCY1';
export const PAYMENTS_API = 'PSERVC1';
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
