import { expect } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Instant } from '../../src/core/values/instant.ts';
import { explainRequest, type Explanation } from '../../src/review/explain-request.ts';
import type { RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import type { Scene } from './scene.ts';
import { World, type WorldOptions } from './world.ts';
import type { Account } from '../sim/pagerduty/account.ts';

export interface SituationOptions extends Omit<WorldOptions, 'start'> {
  /** What else there must be when the service starts, for instance a file. */
  readonly beforeStart?: (stage: World) => Promise<void>;
}

/** The reference story with PagerDuty changed before the service starts. */
export async function situation(
  arrange: (account: Account) => unknown,
  { beforeStart, ...options }: SituationOptions = {},
): Promise<World> {
  const stage = await World.open({ ...options, start: false });
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

/**
 * Plays a situation: each of them asks, in this order, and is answered so: a verdict, where words of its reasons may follow a colon.
 */
export async function expectAnswers(
  arrange: ((account: Account) => unknown) | null,
  answers: Readonly<Record<string, string>>,
  options: SituationOptions = {},
): Promise<void> {
  await using stage = await situation(arrange ?? (() => undefined), options);
  await expectAnswersOf(stage, answers);
}

/** The same of a situation that is there. */
export async function expectAnswersOf(
  stage: World,
  answers: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [user, answer] of Object.entries(answers)) {
    const [verdict = '', ...words] = answer.split(': ');
    const given = await answerTo(stage, user);
    const told = { user, verdict: given.verdict, why: given.why };
    expect(told).toEqual({ user, verdict, why: expect.stringContaining(words.join(': ')) as string });
  }
}

/** Asks as a requester would, and waits for the decision and, where there is one, for the review. */
export async function answerTo(
  stage: Scene,
  user: string,
  proposal: Parameters<Scene['request']>[1] = {},
): Promise<Answer> {
  const id = stage.request(user, proposal);
  return await answerToRequest(stage, id);
}

/** What came of a request that was made. */
async function answerToRequest(stage: Scene, id: string): Promise<Answer> {
  const decided = await stage.decision(id);
  const { verdict, reasons } = decided.decision;
  if (verdict === 'approve' || verdict === 'deny') {
    await stage.done('review', id);
  }
  return { id, verdict, why: reasons.map(({ text }) => text).join('; '), state: stage.state(id), decided };
}

/** What would be decided on the request, at that moment or now. */
export function explained(
  { service }: World,
  request: AccessRequest,
  at: Instant | null,
): Promise<Explanation> {
  const { dependencies, policies } = service;
  const { signal } = new AbortController();
  return explainRequest(request, { ...dependencies, ...policies.inForce() }, { at, signal });
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
