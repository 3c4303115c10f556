import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import { aLayer, aSchedule, aService } from '../../sim/pagerduty/builders.ts';
import { merge } from '../../sim/pagerduty/incident-merging.ts';
import { acknowledge, reassign, reopen, resolve, unacknowledge } from '../../sim/pagerduty/incident-life.ts';
import type { Incident } from '../../sim/pagerduty/incident-model.ts';
import { addNote, editNote } from '../../sim/pagerduty/incident-notes.ts';
import { openIncident, triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { replyToResponderRequest, requestResponders } from '../../sim/pagerduty/incident-responders.ts';
import { answerTo, PAYMENTS, PAYMENTS_API, ROBIN, SAM, situation, TAYLOR } from '../../support/situation.ts';

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

const RESPONDERS = { rule: { responders: true } };

describe('an open incident', () => {
  it('is needed where the rule says so, on its own services', async () => {
    await using without = await situation(() => undefined, requiring(true));
    await using elsewhere = await situation(
      (account) => openIncident(account, { serviceId: 'PSERVC2', title: 'other' }, person(SAM)),
      requiring(true),
    );
    await using there = await situation((account) => alert(account, { urgency: 'low' }), requiring(true));

    expect((await answerTo(without, 'sre-1')).why).toContain(
      "there is no open incident on the rule's services",
    );
    expect((await answerTo(elsewhere, 'sre-1')).verdict).toBe('escalate');
    expect((await answerTo(there, 'sre-1')).verdict).toBe('approve');
  });

  it('of low urgency is none where the rule asks for high', async () => {
    await using low = await situation(
      (account) => alert(account, { urgency: 'low' }),
      requiring({ urgency: 'high' }),
    );
    await using high = await situation((account) => alert(account), requiring({ urgency: 'high' }));

    expect((await answerTo(low, 'sre-1')).why).toContain('there is no open incident of high urgency');
    expect((await answerTo(high, 'sre-1')).verdict).toBe('approve');
  });

  it('must be assigned to the requester where the rule says so', async () => {
    await using own = await situation((account) => alert(account), requiring({ requester: 'assigned' }));
    await using others = await situation(
      (account) => reassign(account, alert(account).id, [ROBIN], person(SAM)),
      requiring({ requester: 'assigned' }),
    );

    expect((await answerTo(own, 'sre-1')).verdict).toBe('approve');
    expect((await answerTo(others, 'sre-1')).verdict).toBe('escalate');
  });

  it('is read anew: one that is resolved, or whose acknowledgement ran out, does not count', async () => {
    await using open = await situation(
      (account) => acknowledge(account, alert(account).id, person(SAM)),
      requiring({ requester: 'acknowledged' }),
    );
    await using ranOut = await situation(
      (account) => {
        const { id } = acknowledge(account, alert(account).id, person(SAM));
        unacknowledge(account, id);
      },
      requiring({ requester: 'acknowledged' }),
    );
    await using resolved = await situation(
      (account) => resolve(account, alert(account).id, person(SAM)),
      requiring(true),
    );

    expect((await answerTo(open, 'sre-1')).verdict).toBe('approve');
    expect((await answerTo(ranOut, 'sre-1')).why).toContain('that they acknowledged');
    expect((await answerTo(resolved, 'sre-1')).verdict).toBe('escalate');
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
    await using own = await situation(opened(SAM), requiring(true));
    await using favour = await situation(opened(TAYLOR), requiring(true));
    await using old = await situation(opened(TAYLOR), requiring({ min_age: '0s' }));

    expect((await answerTo(own, 'sre-1')).why).toContain('incident checkout fails was opened by themselves');
    expect((await answerTo(favour, 'sre-1')).why).toMatch(/is open only since .*, the rule asks for 5 min/u);
    expect((await answerTo(old, 'sre-1')).verdict).toBe('approve');
  });

  it('goes on as the one that it was merged into, over services and merges, for who opened neither', async () => {
    const merged = (by: string, end?: 'over') => (account: Account) => {
      account.addService(aService({ id: 'PSEARCH', name: 'Search API', escalationPolicyId: PAYMENTS }));
      const own = alert(account);
      const [first, last] = ['first', 'last'].map((title) =>
        openIncident(account, { serviceId: 'PSEARCH', title }, person(by)),
      );
      merge(account, first?.id ?? '', [own.id], person(SAM));
      merge(account, last?.id ?? '', [first?.id ?? ''], person(SAM));
      if (end === 'over') resolve(account, last?.id ?? '', person(ROBIN));
    };
    const denying = { rule: { require: { open_incident: true }, otherwise: 'deny' } };
    await using goesOn = await situation(merged(ROBIN), denying);
    await using over = await situation(merged(ROBIN, 'over'), denying);
    await using own = await situation(merged(SAM), denying);

    expect((await answerTo(goesOn, 'sre-1')).verdict).toBe('approve');
    expect((await answerTo(over, 'sre-1')).verdict).toBe('deny');
    expect((await answerTo(own, 'sre-1')).why).toContain('was opened by themselves');
  });

  it('that many were merged into is read once, and so is who was asked to help with either', async () => {
    const outage = (account: Account) => {
      account.addService(aService({ id: 'PSEARCH', name: 'Search API', escalationPolicyId: PAYMENTS }));
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
    await using stage = await situation(circle, requiring(true));

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
  });

  it('is not our own page', async () => {
    await using stage = await situation(() => undefined, {
      rule: { require: { open_incident: true }, escalate: { service: 'Payments API', decide_within: '1s' } },
    });

    await answerTo(stage, 'sre-2');
    await stage.reports.when('effectDone', ({ key }) => key === 'page');

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('escalate');
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
    await using stage = await situation(again(SAM, state, ranOut), requiring(true));

    const { verdict, why } = await answerTo(stage, 'sre-1');
    expect([verdict, why]).toEqual(['escalate', expect.stringContaining('was opened again by themselves')]);
  });

  it('is one where somebody else did, and where it was only acknowledged', async () => {
    await using others = await situation(again(ROBIN, 'triggered'), requiring(true));
    await using own = await situation(
      (account) => acknowledge(account, alert(account).id, person(SAM)),
      requiring(true),
    );

    expect((await answerTo(others, 'sre-1')).verdict).toBe('approve');
    expect((await answerTo(own, 'sre-1')).verdict).toBe('approve');
  });
});

describe('a colleague who is asked to help', () => {
  it('with an incident that goes on as another one is approved, and who needs no help costs no look for it', async () => {
    const merged = (account: Account) => {
      account.addService(aService({ id: 'PSEARCH', name: 'Search API', escalationPolicyId: PAYMENTS }));
      const own = alert(account);
      const big = openIncident(account, { serviceId: 'PSEARCH', title: 'big' }, person(ROBIN));
      askTaylor(account, own.id, SAM);
      merge(account, big.id, [own.id], person(ROBIN));
    };
    await using stage = await situation(merged, RESPONDERS);
    const searches = () => stage.pagerDuty.calls.matching('GET', '/incidents').length;

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
    expect(searches()).toBe(1);
    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
  });

  it('by who is on call is approved, and the record says by whom', async () => {
    await using stage = await situation((account) => askTaylor(account, alert(account).id, SAM), RESPONDERS);

    const { verdict, why, decided, id } = await answerTo(stage, 'sre-2');
    expect(verdict).toBe('approve');
    expect(why).toContain(
      'asked to help with incident checkout fails by Sam One, who is on call for service Payments API',
    );
    expect(decided.decision.proofs[0]).toMatchObject({
      row: { user: { id: SAM } },
      helpsWith: { title: 'checkout fails' },
    });
    expect(stage.teleport.cluster.request(id).resolveReason).toContain(
      'asked to help with incident checkout fails by Sam One',
    );
  });

  it('by who is on call on a rota that no policy uses is approved too', async () => {
    await using stage = await situation(
      (account) => {
        account.addSchedule(aSchedule({ name: 'Commanders', layers: [aLayer({ userIds: [ROBIN] })] }));
        askTaylor(account, alert(account).id, ROBIN);
      },
      { rule: { responders: true, on_call: { services: ['Payments API'], schedules: ['Commanders'] } } },
    );

    expect(await answerTo(stage, 'sre-2')).toMatchObject({ verdict: 'approve', state: 'APPROVED' });
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
    await using stage = await situation((account) => arrange(account, alert(account).id), RESPONDERS);

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('escalate');
  });

  it('goes to a person where the log of the incident cannot be read', async () => {
    await using stage = await situation((account) => askTaylor(account, alert(account).id, SAM), RESPONDERS);
    const match = { method: 'GET', pathPrefix: '/incidents/' };
    stage.pagerDuty.faults.add({ kind: 'status', status: 403, code: 2010, match });

    const { verdict, decided } = await answerTo(stage, 'sre-2');
    expect(verdict).toBe('escalate');
    expect(decided.decision.reasons.map(({ code }) => code)).toContain('condition-unknown');
  });

  it('is not approved for it where the rule does not say so', async () => {
    await using stage = await situation((account) => askTaylor(account, alert(account).id, SAM));

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('escalate');
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
    await stage.reports.when('effectDone', ({ key }) => key === 'live-note');
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
