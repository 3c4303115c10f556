import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import { aLayer, aSchedule, aService } from '../../sim/pagerduty/builders.ts';
import { merge } from '../../sim/pagerduty/incident-merging.ts';
import { acknowledge, reopen, resolve, unacknowledge } from '../../sim/pagerduty/incident-life.ts';
import type { Incident } from '../../sim/pagerduty/incident-model.ts';
import { addNote, editNote } from '../../sim/pagerduty/incident-notes.ts';
import { openIncident, triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { replyToResponderRequest, requestResponders } from '../../sim/pagerduty/incident-responders.ts';
import {
  answerTo,
  expectAnswers,
  expectAnswersOf,
  PAYMENTS,
  PAYMENTS_API,
  ROBIN,
  SAM,
  situation,
  TAYLOR,
} from '../../support/situation.ts';

/** An alert on Payments API, assigned to Sam. */
function alert(account: Account, more: { urgency?: 'high' | 'low' } = {}): Incident {
  const incident = triggerAlert(account, { serviceId: PAYMENTS_API, title: 'checkout fails', ...more });
  if (incident === undefined) throw new Error('no incident was opened');
  return incident;
}

function person(id: string) {
  return { type: 'user', id } as const;
}

function requiring(openIncidentRule: unknown) {
  return { rule: { require: { reason: true, open_incident: openIncidentRule } } };
}

/** Somebody asks Taylor to help. */
function askTaylor(account: Account, incidentId: string, requesterId: string, agentId = requesterId): void {
  requestResponders(account, { incidentId, requesterId, agentId, message: 'please help', userIds: [TAYLOR] });
}

/** Another service, on which the incidents of Payments API go on. */
function addSearch(account: Account): void {
  account.addService(aService({ id: 'PSEARCH', name: 'Search API', escalationPolicyId: PAYMENTS }));
}

const RESPONDERS = { rule: { responders: true } };
const APPROVED = { 'sre-1': 'approve' };
const asked = (why = '') => ({ 'sre-1': `escalate: ${why}` });

describe('an open incident', () => {
  it('is needed where the rule says so, on its own services', async () => {
    const elsewhere = (account: Account) =>
      openIncident(account, { serviceId: 'PSERVC2', title: 'other' }, person(SAM));
    await expectAnswers(null, asked("there is no open incident on the rule's services"), requiring(true));
    await expectAnswers(elsewhere, asked(), requiring(true));
    await expectAnswers((account) => alert(account, { urgency: 'low' }), APPROVED, requiring(true));
  });

  it('of low urgency is none where the rule asks for high', async () => {
    const high = requiring({ urgency: 'high' });
    const why = 'there is no open incident of high urgency';
    await expectAnswers((account) => alert(account, { urgency: 'low' }), asked(why), high);
    await expectAnswers((account) => alert(account), APPROVED, high);
  });

  it('is read anew: one that is resolved, or whose acknowledgement ran out, does not count', async () => {
    const acknowledged = requiring({ requester: 'acknowledged' });
    const open = (account: Account) => acknowledge(account, alert(account).id, person(SAM));
    await expectAnswers(open, APPROVED, acknowledged);
    const ranOut = (account: Account) => unacknowledge(account, open(account).id);
    await expectAnswers(ranOut, asked('there is no open incident'), acknowledged);
    const over = (account: Account) => resolve(account, alert(account).id, person(SAM));
    await expectAnswers(over, asked(), requiring(true));
  });

  it('acknowledged by automation is acknowledged by nobody', async () => {
    await using stage = await situation(
      (account) => acknowledge(account, alert(account).id, { type: 'service', id: PAYMENTS_API }),
      requiring({ requester: 'acknowledged' }),
    );

    const { verdict, decided } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('escalate');
    expect(decided.facts.incidents).toMatchObject({ incidents: [{ acknowledgers: [] }] });
  });

  it('is none for who opened it a second ago, nor one that a colleague has only just opened', async () => {
    const opened = (by: string) => (account: Account) =>
      openIncident(account, { serviceId: PAYMENTS_API, title: 'checkout fails' }, person(by));
    const own = asked('incident checkout fails was opened by themselves');
    await expectAnswers(opened(SAM), own, requiring(true));
    await expectAnswers(opened(TAYLOR), asked(', the rule asks for 5 min'), requiring(true));
    await expectAnswers(opened(TAYLOR), APPROVED, requiring({ min_age: '0s' }));
  });

  it('goes on as the one that it was merged into, over services and merges, for who opened neither', async () => {
    const merged = (by: string, end?: 'over') => (account: Account) => {
      addSearch(account);
      const own = alert(account);
      const [first, last] = ['first', 'last'].map((title) =>
        openIncident(account, { serviceId: 'PSEARCH', title }, person(by)),
      );
      merge(account, first?.id ?? '', [own.id], person(SAM));
      merge(account, last?.id ?? '', [first?.id ?? ''], person(SAM));
      if (end === 'over') resolve(account, last?.id ?? '', person(ROBIN));
    };
    const denying = { rule: { require: { open_incident: true }, otherwise: 'deny' } };
    await expectAnswers(merged(ROBIN), APPROVED, denying);
    await expectAnswers(merged(ROBIN, 'over'), { 'sre-1': 'deny' }, denying);
    await expectAnswers(merged(SAM), { 'sre-1': 'deny: was opened by themselves' }, denying);
  });

  it('that many were merged into is read once, and so is who was asked to help with either', async () => {
    const outage = (account: Account) => {
      addSearch(account);
      const [own, other, another] = [alert(account), alert(account), alert(account)];
      const big = openIncident(account, { serviceId: 'PSEARCH', title: 'big' }, person(ROBIN));
      askTaylor(account, own.id, SAM);
      merge(account, big.id, [own.id, other.id, another.id], person(ROBIN));
    };
    await using stage = await situation(outage, {
      rule: { responders: true, require: { open_incident: true }, otherwise: 'deny' },
    });

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
    const looked = stage.pagerDuty.calls.matching('GET', '/incidents').map(({ path }) => path);
    expect(looked.filter((path) => /^\/incidents\/[^/]+$/u.test(path))).toHaveLength(1);
  });

  it('that was merged in a circle, or into one that is gone, is over', async () => {
    const circle = (account: Account) => {
      const [one, other] = [alert(account), alert(account)];
      merge(account, one.id, [other.id], person(ROBIN));
      resolve(account, one.id, person(ROBIN));
      account.incidents.put({ ...account.incidents.require(one.id), mergedInto: other.id });
    };
    await expectAnswers(circle, asked(), requiring(true));
  });

  it('is not our own page', async () => {
    await using stage = await situation(() => undefined, {
      rule: { require: { open_incident: true }, escalate: { service: 'Payments API', decide_within: '1s' } },
    });

    await answerTo(stage, 'sre-2');
    await stage.done('page');

    await expectAnswersOf(stage, asked());
  });
});

describe('an incident that was resolved and is opened again', () => {
  const again =
    (by: string, state: 'triggered' | 'acknowledged', ranOut = false) =>
    (account: Account) => {
      const { id, createdAt } = alert(account);
      const hourAgo = new Date(createdAt.getTime() - 3_600_000);
      account.incidents.put({ ...account.incidents.require(id), createdAt: hourAgo });
      resolve(account, id, person(ROBIN));
      reopen(account, id, person(by), state === 'acknowledged');
      if (ranOut) unacknowledge(account, id);
    };

  it.each([
    ['triggered', false],
    ['acknowledged', false],
    ['acknowledged', true],
  ] as const)('is no ground for whoever opened it again, be it %s, run out %s', async (state, ranOut) => {
    await expectAnswers(again(SAM, state, ranOut), asked('was opened again by themselves'), requiring(true));
  });
});

describe('a colleague who is asked to help', () => {
  it('with an incident that goes on as another one is approved, and who needs no help costs no look for it', async () => {
    const merged = (account: Account) => {
      addSearch(account);
      const own = alert(account);
      const big = openIncident(account, { serviceId: 'PSEARCH', title: 'big' }, person(ROBIN));
      askTaylor(account, own.id, SAM);
      merge(account, big.id, [own.id], person(ROBIN));
    };
    await using stage = await situation(merged, RESPONDERS);

    await expectAnswersOf(stage, APPROVED);
    expect(stage.pagerDuty.calls.matching('GET', '/incidents')).toHaveLength(1);
    await expectAnswersOf(stage, { 'sre-2': 'approve' });
  });

  it('by who is on call is approved, and the record says by whom', async () => {
    await using stage = await situation((account) => askTaylor(account, alert(account).id, SAM), RESPONDERS);

    const { verdict, why, decided, id } = await answerTo(stage, 'sre-2');
    const helps = 'asked to help with incident checkout fails by Sam One';
    expect(verdict).toBe('approve');
    expect(why).toContain(`${helps}, who is on call for service Payments API`);
    expect(decided.decision.proofs[0]).toMatchObject({
      row: { user: { id: SAM } },
      helpsWith: { title: 'checkout fails' },
    });
    expect(stage.teleport.cluster.request(id).resolveReason).toContain(helps);
  });

  it('by who is on call on a rota that no policy uses is approved too', async () => {
    const commander = (account: Account) => {
      account.addSchedule(aSchedule({ name: 'Commanders', layers: [aLayer({ userIds: [ROBIN] })] }));
      askTaylor(account, alert(account).id, ROBIN);
    };
    const on_call = { services: ['Payments API'], schedules: ['Commanders'] };
    await expectAnswers(commander, { 'sre-2': 'approve' }, { rule: { responders: true, on_call } });
  });

  it.each<[string, (account: Account, incidentId: string) => void]>([
    ['by somebody off call', (account, id) => askTaylor(account, id, ROBIN)],
    ['by themselves', (account, id) => askTaylor(account, id, TAYLOR)],
    ['by themselves, in the name of who is on call', (account, id) => askTaylor(account, id, SAM, TAYLOR)],
    [
      'with an incident that they opened',
      (account, id) => {
        resolve(account, id, person(SAM));
        const own = openIncident(account, { serviceId: PAYMENTS_API, title: 'mine' }, person(TAYLOR));
        askTaylor(account, own.id, SAM);
      },
    ],
    [
      'and declines',
      (account, id) => {
        askTaylor(account, id, SAM);
        replyToResponderRequest(account, id, TAYLOR, 'declined');
      },
    ],
    [
      'with an incident that is over',
      (account, id) => {
        askTaylor(account, id, SAM);
        resolve(account, id, person(SAM));
      },
    ],
  ])('%s goes to a person', async (_how, arrange) => {
    await expectAnswers(
      (account) => arrange(account, alert(account).id),
      { 'sre-2': 'escalate' },
      RESPONDERS,
    );
  });
});

describe('a note on an incident', () => {
  it('that PagerDuty refuses holds up nothing, and is tried again', async () => {
    await using stage = await situation((account) => alert(account));
    stage.pagerDuty.faults.add({
      kind: 'status',
      status: 403,
      code: 2018,
      match: { method: 'POST', pathPrefix: '/incidents/' },
    });

    expect(await answerTo(stage, 'sre-1')).toMatchObject({ verdict: 'approve', state: 'APPROVED' });
    await stage.reports.when('effectFailed', ({ key }) => key === 'live-note');
  });

  it('is no evidence: what was decided stands in the ledger, whatever becomes of the note', async () => {
    await using stage = await situation((account) => alert(account));
    const { id, decided } = await answerTo(stage, 'sre-1');
    await stage.done('live-note');
    const { account } = stage.pagerDuty;
    const [incident] = account.incidents.all();
    const note = incident?.notes[0];

    editNote(account, incident?.id ?? '', note?.id ?? '', 'Teleport access approved for everybody');
    addNote(account, incident?.id ?? '', `decision ${decided.decisionId}: approved by Morgan`, person(ROBIN));

    const events = await stage.events(id);
    expect(events.find(({ kind }) => kind === 'decided')).toEqual(decided);
    expect(JSON.stringify(events)).not.toContain('for everybody');
  });
});
