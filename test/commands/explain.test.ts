import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain, type ExplainOptions } from '../../src/commands/explain.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import { Stage, type StageOptions } from '../service/stage.ts';
import { setOverride } from '../sim/pagerduty/administration.ts';
import { aService, aUser } from '../sim/pagerduty/builders.ts';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { answerTo, HOUR_MS, PAYMENTS_API } from '../support/situation.ts';
import { CapturedTerminal } from './captured-terminal.ts';

async function explained(stage: Stage, options: Omit<ExplainOptions, 'config'>): Promise<CapturedTerminal> {
  const terminal = new CapturedTerminal();
  expect(await explain({ config: stage.configFile, ...options }, terminal)).toBe(0);
  return terminal;
}

/** `explain --json` on the same request at PagerDuty's time of the stored answer. */
async function again(stage: Stage, { requestId, facts }: RecordedDecision): Promise<RecordedDecision> {
  const at = facts.onCall.state === 'known' ? { at: facts.onCall.at } : {};
  const { text } = await explained(stage, { request: requestId, json: true, ...at });
  return JSON.parse(text) as RecordedDecision;
}

const ASK = { user: 'sre-1', roles: ['prodaccess'], reason: 'checkout fails' };
const DENYING = {
  rule: {
    require: { reason: true, open_incident: { requester: 'assigned' }, max_duration: '4h' },
    otherwise: 'deny',
    responders: true,
  },
};

describe('`explain --json`', () => {
  it.each<[string, StageOptions, string, string]>([
    ['an approval', {}, 'sre-1', 'approve'],
    ['an escalation', {}, 'sre-2', 'escalate'],
    ['a denial', DENYING, 'sre-2', 'deny'],
    ['what cannot be known', {}, 'sre-3', 'escalate'],
  ])('agrees with the stored decision for the same facts: %s', async (_what, options, user, verdict) => {
    await using stage = await Stage.arranged((account) => {
      account.addUser(aUser({ email: 'sre-3@example.com' }));
      triggerAlert(account, { serviceId: PAYMENTS_API, title: 'checkout fails' });
    }, options);
    const { decided } = await answerTo(stage, user);

    const explanation = await again(stage, decided);

    expect(decided.decision.verdict).toBe(verdict);
    expect(explanation.decision).toEqual(decided.decision);
    // First seen when it is read: another second than that of the service.
    const timeless = ({ facts }: Pick<RecordedDecision, 'facts'>): unknown =>
      JSON.parse(
        JSON.stringify({ ...facts, reads: 0 }).replaceAll(/"firstSeen":"[^"]+"/gu, '"firstSeen":""'),
      );
    expect(timeless(explanation)).toEqual(timeless(decided));
    expect(explanation.policyDigest).toBe(decided.policyDigest);
  });

  it('changes nothing, on either side', async () => {
    await using stage = await Stage.arranged(() => undefined, DENYING);

    await explained(stage, { ...ASK, user: 'sre-2', json: true });

    const writes = stage.pagerDuty.calls.all().filter(({ method }) => method !== 'GET');
    expect(writes).toEqual([]);
    expect(stage.teleport.calls.of('SubmitAccessReview')).toEqual([]);
    expect(stage.incidents()).toEqual([]);
    expect(stage.reports.of('decided')).toEqual([]);
  });
});

describe('`explain`', () => {
  it('tells a changed address, and a name that leads elsewhere, from what the service first saw, where it can read the ledger', async () => {
    await using stage = await Stage.arranged(() => undefined);
    const { account } = stage.pagerDuty;
    const [sam, taylor] = ['PSAM1RE', 'PTAY2RE'].map((id) => account.users.require(id));
    const verdictNow = async () => (await explained(stage, ASK)).text;
    const before = await verdictNow();
    for (const user of ['sre-1', 'sre-2']) await answerTo(stage, user);
    const service = account.services.require(PAYMENTS_API);
    account.services.put({ ...service, name: 'Payments (old)' });
    account.addService(aService({ name: 'Payments API', escalationPolicyId: service.escalationPolicyId }));
    const renamed = await verdictNow();
    account.changeAddress('PSAM1RE', 'between@example.com');
    account.changeAddress('PTAY2RE', sam?.email ?? '');
    account.changeAddress('PSAM1RE', taylor?.email ?? '');

    expect(before).toContain('would be approved');
    expect(renamed).toContain('was PSERVC1 when it was first looked up');
    expect(await verdictNow()).toContain('was another one when it was first seen');
    await stage.stopService();
    await rm(join(stage.folder, 'ledger.sqlite'));
    expect(await verdictNow()).toContain('The ledger cannot be read from here');
  });

  it('goes by what the service has seen of a shift, where it can read the ledger, and else by what PagerDuty says', async () => {
    await using stage = await Stage.arranged(() => undefined);
    await answerTo(stage, 'sre-1');
    const { account } = stage.pagerDuty;
    const start = new Date(account.clock.now().getTime() - HOUR_MS);
    setOverride(account, { scheduleId: 'PSCHED1', userId: 'PTAY2RE', start });
    const verdictNow = async () => (await explained(stage, { ...ASK, user: 'sre-2' })).text;

    expect(await verdictNow()).toMatch(/on call only since .*, the rule asks for 10 min/u);
    await stage.stopService();
    await rm(join(stage.folder, 'ledger.sqlite'));
    const unwatched = await verdictNow();
    expect(unwatched).toContain('would be approved');
    expect(unwatched).toContain('shifts are taken to be as old as PagerDuty says');
  });

  it('says the verdict, and every condition with its value and what would have to be true', async () => {
    await using stage = await Stage.arranged(() => undefined, DENYING);

    const { lines, text } = await explained(stage, { ...ASK, reason: '', duration: '8h' });

    expect(lines[0]).toBe("deny: sre-1's request for prodaccess would be denied");
    expect(text).toContain('requester  Sam One (PSAM1RE), recognised by trait `email`');
    expect(text).toContain('rule prod-oncall, for prodaccess: deny');
    expect(text).toMatch(/^ {2}yes {5}on-call {7}Sam One .* is on call for service Payments API/mu);
    expect(text).toMatch(
      /^ {2}NO {6}reason-given {2}no reason is given, and the rule requires one\n {24}needed: a reason$/mu,
    );
    expect(text).toMatch(
      /^ {2}NO {6}open-incident .*\n {24}needed: an open incident on the rule's services/mu,
    );
    expect(text).toMatch(/^ {2}NO {6}max-duration .*\n {24}needed: access for no longer than 4 h$/mu);
  });

  it('tells a user whom Teleport does not have, and who may be meant, from one whom no map names', async () => {
    await using stage = await Stage.arranged(() => undefined, { listUsers: true });

    const mistyped = await explained(stage, { ...ASK, user: 'sre-11' });
    const unmapped = await explained(stage, { ...ASK, user: 'sre-2' });

    expect(mistyped.lines.at(-1)).toMatch(
      /^Teleport has no user `sre-11` now: mistyped, .*did you mean `sre-1`/u,
    );
    expect(unmapped.text).not.toContain('Teleport has no user');
  });

  it('asks how long the access would last where that matters and is not said', async () => {
    await using stage = await Stage.arranged(() => undefined, DENYING);

    const { lines } = await explained(stage, ASK);

    expect(lines).toContain('how long the access would last is not said: give it by --duration');
  });

  it('says which rules do not cover the request, and why', async () => {
    const escalate = { service: 'Access requests' };
    const rule = { roles: ['prodaccess'], on_call: { services: ['Payments API'] }, escalate };
    const hour = new Date().getUTCHours();
    const clock = (later: number) => `${String((hour + later) % 24).padStart(2, '0')}:00`;
    const rules = [
      { ...rule, name: 'roles', roles: ['dbadmin'] },
      { ...rule, name: 'annotation', on_call: { from_annotation: 'pagerduty_services' } },
      { ...rule, name: 'resources', when: { resources: { kinds: ['db'] } } },
      { ...rule, name: 'requester', when: { requester_roles: ['staff'] } },
      {
        ...rule,
        name: 'hours',
        when: { hours: { time_zone: 'Etc/UTC', spans: [{ from: clock(2), until: clock(3) }] } },
      },
      { ...rule, name: 'shadowed', mode: 'shadow' },
    ];
    await using stage = await Stage.arranged(() => undefined, { config: { rules } });

    const { lines } = await explained(stage, ASK);

    expect(lines[0]).toBe("abstain: sre-1's request for prodaccess would be left alone");
    expect(lines).toContain('if the rules in shadow were in force: approve');
    expect(lines.slice(lines.indexOf('rules that do not cover the request:') + 1)).toEqual([
      '  roles: it covers other roles: dbadmin',
      '  annotation: the request has no annotation `pagerduty_services`, by which the rule goes',
      '  resources: the request asks for other resources, or for none',
      '  requester: the requester has other roles or traits in Teleport',
      '  hours: it is outside of the hours of the rule',
    ]);
  });

  it('takes annotations and resources as a request would have them', async () => {
    const escalate = { service: 'Access requests' };
    const rules = [
      {
        name: 'databases',
        roles: ['dbadmin'],
        when: { resources: { kinds: ['db'], names: ['payments-*'] } },
        on_call: { from_annotation: 'pagerduty_services' },
        escalate,
      },
    ];
    await using stage = await Stage.arranged(() => undefined, { config: { rules } });

    const { lines } = await explained(stage, {
      ...ASK,
      roles: ['dbadmin'],
      resource: ['db/payments-main'],
      annotation: ['pagerduty_services=Search API,Payments API'],
    });

    expect(lines[0]).toBe("approve: sre-1's request for dbadmin would be approved");
    expect(lines.join('\n')).toContain('on call for service Payments API');
  });

  it('judges by another moment when it is asked to', async () => {
    await using stage = await Stage.arranged(() => undefined);
    const nextWeek = new Date(Date.now() + 7 * 24 * HOUR_MS).toISOString();

    const { lines } = await explained(stage, { ...ASK, at: nextWeek });

    expect(lines[0]).toMatch(/^escalate: /u);
    expect(lines.join('\n')).toContain(
      'on-call rows are of that moment; incidents, names and identities of now',
    );
  });

  it.each<[string, Omit<ExplainOptions, 'config'>]>([
    ['nobody who asks', { roles: ['prodaccess'] }],
    ['nothing to ask for', { user: 'sre-1', roles: [] }],
    ['a duration that is none', { ...ASK, duration: 'long' }],
    ['a resource without a kind', { ...ASK, resource: ['payments'] }],
    ['an annotation without a value', { ...ASK, annotation: ['pagerduty_services'] }],
    ['a moment that is none', { ...ASK, at: 'tomorrow' }],
    ['a request that is gone', { request: '00000000-0000-4000-8000-000000000000' }],
  ])('refuses %s', async (_what, options) => {
    await using stage = await Stage.arranged(() => undefined);

    await expect(explained(stage, options)).rejects.toThrow(ConfigError);
  });
});
