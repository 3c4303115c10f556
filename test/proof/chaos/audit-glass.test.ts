import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/core/facts.ts';
import { instantOf, MINUTE } from '../../../src/core/values/instant.ts';
import { NOT_LISTENED } from '../../../src/core/silence.ts';
import { aCause, aRecordedDecision, aSilence, someFacts } from '../../support/builders.ts';
import type { Fault } from '../../sim/pagerduty/faults.ts';
import { READ_ONLY_KEY } from '../../sim/pagerduty/reference-world.ts';
import { resolve } from '../../sim/pagerduty/incident-life.ts';
import { openIncident } from '../../sim/pagerduty/incident-opening.ts';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { Arena, type Made } from './arena.ts';
import { audit } from './audit.ts';
import { wrongApprovals } from './evidence.ts';
import { throwFate, type Fate } from './fate.ts';
import { Dice } from './random.ts';
import { settingOf, type Setting } from './setting.ts';

const OURS = { type: 'user', id: 'PBOT6OA' } as const;
const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const SETTING: Setting = { ...settingOf(7), webhooks: false, breakGlass: true };
const GLASS: Fate = {
  ...throwFate(new Dice(1), { setting: SETTING, requester: 'glass', answer: 'nobody-answers' }),
  user: 'glass-1',
  pagerDutyId: 'PGLASS1',
};
const DECISION_ID = 'OA-0123456789';
const PATIENCE = { timeout: 15_000, interval: 50 };
const NOTHING = { lost: [], duplicates: [], wrongApprovals: [] };
const UNKNOWN = { state: 'unknown', cause: aCause() } as const;
const FAILS: Fault = { kind: 'status', status: 503 };
const CLAIMED = aSilence({ forMs: 2_000, times: 3 });

let arena: Arena;
beforeEach(async () => {
  arena = await Arena.open({ postgres: false, setting: SETTING });
});
afterEach(async () => {
  await arena[Symbol.asyncDispose]();
});

async function lookAt() {
  return audit(arena, await arena.entries());
}

/** Nobody is told who is on call, and nothing is heard of PagerDuty; pages can be opened. */
function fallSilent(): void {
  for (const pathPrefix of ['/oncalls', '/abilities']) {
    arena.stage.pagerDuty.faults.add({ ...FAILS, match: { method: 'GET', pathPrefix } });
  }
}

/** Asks, and gives what was made. */
function asked(fate: Fate): Made {
  arena.ask(fate);
  const made = [...arena.made.values()].at(-1);
  if (made === undefined) throw new Error('nothing was made');
  return made;
}

/** Asks PagerDuty whether it answers, as the service does, with that outcome each time. */
async function ask(...outcomes: readonly (Fault | 'answered')[]): Promise<void> {
  const { faults, url } = arena.stage.pagerDuty;
  for (const outcome of outcomes) {
    const fault = outcome === 'answered' ? null : faults.add(outcome);
    const headers = {
      accept: 'application/vnd.pagerduty+json;version=2',
      authorization: `Token token=${READ_ONLY_KEY}`,
    };
    await fetch(`${url}/abilities`, { headers }).catch(() => null);
    fault?.remove();
  }
}

/** An approval by broken glass that the service never gave, with its decision as the ledger would have it. */
function madeUp(
  made: Made,
  { facts = {}, rules = ['glass'] }: { facts?: Partial<Facts>; rules?: string[] } = {},
) {
  const reason = `oncall-approver decision ${DECISION_ID}`;
  const { cluster } = arena.stage.teleport;
  cluster.submitReview({ requestId: made.id, author: BOT_USER, proposedState: 'APPROVED', reason });
  const recorded = aRecordedDecision();
  const decided = {
    ...recorded,
    requestId: made.id,
    decisionId: DECISION_ID,
    decidedAt: instantOf(Date.now()),
    facts: someFacts({ onCall: UNKNOWN, silence: { ...NOT_LISTENED, reads: CLAIMED }, ...facts }),
    decision: { ...recorded.decision, verdict: 'approve', rules, proofs: [], breakGlass: true },
  } as const;
  return wrongApprovals(made, arena, [decided]);
}

describe('the audit of broken glass', () => {
  it('finds nothing where it was broken while PagerDuty could not be asked, and its page is open', async () => {
    const { stage } = arena;
    fallSilent();
    await stage.startService();
    const { id } = asked(GLASS);
    await stage.done('break-glass page');

    await expect.poll(lookAt, PATIENCE).toEqual(NOTHING);
    expect(stage.teleport.cluster.request(id).resolveReason).toContain('BREAK GLASS');
  });

  it('finds nothing where PagerDuty answers, and people decide', async () => {
    const { stage } = arena;
    await stage.startService();
    const made = asked({ ...GLASS, answer: 'deny-in-teleport' });
    await stage.done('page');
    stage.denyAs('lead', made.id);
    made.deeds.push('denied in Teleport');

    await expect.poll(lookAt, PATIENCE).toEqual(NOTHING);
    expect(stage.decided(made.id).decision).toMatchObject({ verdict: 'escalate', breakGlass: false });
  });

  it('sees a page that is closed although nobody has looked at it, a second one, and none at all', async () => {
    const { stage } = arena;
    fallSilent();
    await stage.startService();
    const { id } = asked(GLASS);
    await stage.done('break-glass page');
    await expect.poll(lookAt, PATIENCE).toEqual(NOTHING);
    const { account } = stage.pagerDuty;
    const about = `oncall-approver/${id}/break-glass/`;
    const page = stage.incidents().find((each) => each.incidentKey.startsWith(about));
    const incidentKey = page?.incidentKey ?? '';

    resolve(account, page?.id ?? '', SAM);
    expect(await lookAt()).toMatchObject({
      lost: [expect.stringContaining('is closed, and nobody has looked at it')],
      duplicates: [],
    });
    const again = () => openIncident(account, { title: 'again', serviceId: 'PGLASSE', incidentKey }, OURS);
    account.clock.setOffset(-10 * MINUTE);
    const old = again();
    account.clock.setOffset(0);
    expect(await lookAt()).toMatchObject({ duplicates: [] });
    account.incidents.remove(old.id);
    again();
    expect(await lookAt()).toMatchObject({
      lost: [],
      duplicates: [expect.stringContaining('2 pages about broken glass')],
    });
    account.incidents.remove(page?.id ?? '');
    for (const each of stage.incidents().filter((one) => one.incidentKey === incidentKey))
      account.incidents.remove(each.id);
    expect(await lookAt()).toMatchObject({ lost: [expect.stringContaining('and nobody is told')] });
  });

  it('sees a page about broken glass that let nobody in', async () => {
    const made = asked({ ...GLASS, requester: 'off-call' });
    const { stage } = arena;
    await stage.startService();
    await stage.done('page');
    const incidentKey = `oncall-approver/${made.id}/break-glass/of-somebody`;
    openIncident(stage.pagerDuty.account, { title: 'glass', serviceId: 'PGLASSE', incidentKey }, OURS);

    const { lost } = await lookAt();

    expect(lost).toContainEqual(expect.stringContaining('is open, and it let nobody in'));
  });

  it('takes one for right only after PagerDuty gave no answer, again and again', async () => {
    await ask(FAILS, { kind: 'reset' }, FAILS);

    expect(madeUp(asked(GLASS))).toEqual([]);
  });

  it.each<[string, readonly (Fault | 'answered')[]]>([
    ['was never asked', []],
    ['was asked twice only', [FAILS, FAILS]],
    ['answered in the end', [FAILS, FAILS, FAILS, 'answered']],
    ['said that the key is none', Array.from({ length: 3 }, () => ({ ...FAILS, status: 401 }))],
    [
      'said that the rate limit is used up',
      Array.from({ length: 3 }, () => ({ kind: 'rate-limited' as const })),
    ],
    ['was slow', Array.from({ length: 3 }, () => ({ kind: 'latency' as const, ms: 50 }))],
  ])('sees one while PagerDuty %s', async (_how, outcomes) => {
    await ask(...outcomes);

    expect(madeUp(asked(GLASS))).toEqual([expect.stringContaining('and PagerDuty was not silent')]);
  });

  it.each<[string, Partial<Facts>]>([
    ['a clock that is off', { onCall: { state: 'unknown', cause: aCause({ code: 'clock-skew' }) } }],
    ['our own budget, by which nothing was asked', { silence: NOT_LISTENED }],
    [
      'one listing, beside reads that were answered',
      { silence: { ...NOT_LISTENED, reads: { state: 'answered' } } },
    ],
    ['a silence that is too short', { silence: { ...NOT_LISTENED, reads: aSilence({ forMs: 900 }) } }],
    [
      'a silence by two questions',
      { silence: { ...NOT_LISTENED, reads: aSilence({ forMs: 2_000, times: 2 }) } },
    ],
  ])('sees one for %s', async (_why, facts) => {
    await ask(FAILS, FAILS, FAILS);

    expect(madeUp(asked(GLASS), { facts })).toEqual([
      expect.stringContaining('and PagerDuty was not silent'),
    ]);
  });

  it.each([
    ['for a role that the rule does not cover', { role: 'prodaccess' }, 'which prodaccess is not for'],
    ['without a reason', { givesReason: false }, 'without a reason'],
  ] as const)('sees one %s', async (_which, fate, words) => {
    await ask(FAILS, FAILS, FAILS);

    expect(madeUp(asked({ ...GLASS, ...fate }))).toEqual([expect.stringContaining(words)]);
  });

  it('sees one by another rule', async () => {
    await ask(FAILS, FAILS, FAILS);

    expect(madeUp(asked(GLASS), { rules: ['glass-oncall'] })).toEqual([
      expect.stringContaining('glass-oncall is no rule for that'),
    ]);
  });
});
