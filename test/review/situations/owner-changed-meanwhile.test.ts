import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { MINUTE } from '../../../src/core/values/instant.ts';
import {
  putInTeam,
  repointService,
  setServiceDisabled,
  setServiceField,
} from '../../sim/pagerduty/administration.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import type { Account } from '../../sim/pagerduty/account.ts';
import { aServiceField } from '../../sim/pagerduty/builders.ts';
import { id, owned } from '../../support/owned.ts';
import { answerTo, ROBIN } from '../../support/situation.ts';
import type { World } from '../../support/world.ts';

const PAY = id('db', 'pay');

function relabel({ teleport: { cluster } }: World, labels: Readonly<Record<string, string>>): void {
  const at = cluster.labelled.findIndex(({ kind, name }) => kind === 'db' && name === 'pay');
  cluster.labelled[at] = { kind: 'db', name: 'pay', labels: { env: 'prod', ...labels } };
}

function rename({ account }: { readonly account: Account }, service: string, name: string): void {
  account.services.put({ ...account.services.require(service), name });
}

function setUpOtherPolicy({ account }: { readonly account: Account }): void {
  const payments = account.escalationPolicies.require('PPOLCY1');
  account.escalationPolicies.put({ ...payments, id: 'PEVIL01', name: 'Old rota' });
}

/** Where something counts only once it was seen for long enough. */
interface Slow {
  readonly owner: object;
  readonly arrange?: (account: Account) => unknown;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Sam was approved by the owner as it was, and the review could not be given until it was another. */
async function changedBeforeReview(change: (stage: World) => unknown, set?: Slow) {
  const { labels, ...options } = set ?? {};
  const stage = await owned(options);
  if (labels !== undefined) relabel(stage, labels);
  for (let looks = 0; looks < (set === undefined ? 0 : 6); looks += 1) {
    // What is found to own something is watched from then on.
    if (looks % 3 === 0) await answerTo(stage, 'sre-3', { resourceIds: [PAY] });
    await stage.service.lookAtOwners();
    await stage.time.advance(MINUTE);
  }
  const { faults } = stage.teleport;
  const away = faults.add({ method: 'SubmitAccessReview', kind: 'error', code: status.UNAVAILABLE });
  const request = stage.request('sre-1', { resourceIds: [PAY] });
  const first = await stage.decision(request);
  expect(first.decision.reasons.map(({ text }) => text).join()).toContain('is on call for');
  await stage.reports.when('effectFailed', ({ requestId, key }) => requestId === request && key === 'review');
  await change(stage);
  for (let looks = 0; looks < 3; looks += 1) {
    await stage.service.lookAtOwners();
    await stage.time.advance(MINUTE);
  }
  away.remove();
  return { stage, request, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

const FIELD = 'teleport_selector';
const BY_FIELD = {
  owner: { field: FIELD, field_of: { services: ['Payments API', 'Databases'] }, settled: '2m' },
  labels: {},
  arrange: (account: Account) => {
    account.serviceFields.put(aServiceField('PFIELD1', FIELD));
    setServiceField(account, 'PSERVC1', FIELD, 'env=prod');
  },
};
const BY_TEAM = {
  owner: { team_label: 'team', settled: '2m' },
  labels: { team: 'Payments' },
  arrange: (account: Account) => {
    for (const name of ['Payments', 'Others']) account.teams.put({ id: `P${name}`, name });
    putInTeam(account, 'PPOLCY1', 'PPayments');
  },
};

it.each<[string, (stage: World) => unknown, string, Slow?]>([
  [
    'whose label names another',
    (stage) => {
      relabel(stage, { pagerduty_service: 'Databases' });
    },
    'not on call for service Databases',
  ],
  [
    'whose label is gone',
    (stage) => {
      relabel(stage, {});
    },
    'no label `pagerduty_service`',
  ],
  [
    'that is disabled',
    ({ pagerDuty }) => setServiceDisabled(pagerDuty.account, 'PSERVC1', true),
    'is disabled',
  ],
  [
    'that is deleted',
    ({ pagerDuty }) => pagerDuty.account.services.remove('PSERVC1'),
    'has no service `Payments API`',
  ],
  [
    'that is renamed',
    ({ pagerDuty }) => {
      rename(pagerDuty, 'PSERVC1', 'Payments');
    },
    'has no service `Payments API`',
  ],
  [
    'whose name another took',
    ({ pagerDuty }) => {
      rename(pagerDuty, 'PSERVC1', 'Payments');
      rename(pagerDuty, 'PSERVD1', 'Payments API');
    },
    'PSERVC1',
  ],
  [
    'that has another policy',
    ({ pagerDuty }) => {
      setUpOtherPolicy(pagerDuty);
      repointService(pagerDuty.account, 'PSERVC1', 'PEVIL01');
    },
    '`Old rota`',
    { owner: { settled: '2m' } },
  ],
  [
    'whose field is emptied',
    ({ pagerDuty }) => setServiceField(pagerDuty.account, 'PSERVC1', FIELD, null),
    `field \`${FIELD}\``,
    BY_FIELD,
  ],
  [
    'whose policy left the team',
    ({ pagerDuty }) => {
      putInTeam(pagerDuty.account, 'PPOLCY1', 'POthers');
    },
    'no escalation policy',
    BY_TEAM,
  ],
])('nobody is let in by an owner %s between decision and review', async (_what, change, why, set) => {
  await using changed = await changedBeforeReview(change, set);
  const { stage, request } = changed;

  await stage.time.advance(MINUTE);

  const { decision } = stage.decided(request);
  expect(decision.reasons.map(({ text }) => text).join('; ')).toContain(why);
  expect([decision.verdict, stage.state(request)]).toEqual(['escalate', 'PENDING']);
});

it.each([
  ['9m', 'PENDING'],
  ['0s', 'APPROVED'],
])(
  'answers by a policy that the owner was given while its page waits count once it is %s old: %s',
  async (settled, state) => {
    await using stage = await owned({
      rule: {
        on_call: {
          owner: { label: 'pagerduty_service', unowned: 'Access requests', settled },
          min_shift_age: '0s',
        },
      },
    });
    const { account } = stage.pagerDuty;
    await answerTo(stage, 'sre-1', { resourceIds: [PAY] });
    await stage.time.advance(9 * MINUTE);
    const { id: request } = await answerTo(stage, 'sre-2', { resourceIds: [PAY] });
    await stage.done('page', request);
    const page = stage.incidents().find(({ serviceId }) => serviceId === 'PSERVC1')?.id ?? '';

    repointService(account, 'PSERVC1', 'PPOLDB1');
    await stage.time.advance(3 * MINUTE);
    addNote(account, page, `approve ${answerCode(request)}`, { type: 'user', id: ROBIN });
    await stage.followUp(request);
    await stage.followUp(request);

    expect(stage.state(request)).toBe(state);
  },
);
