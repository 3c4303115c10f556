import { describe, expect, it } from 'vitest';
import { accountOf, cutAt, openUses } from '../../../src/core/usage/account.ts';
import type { AuditEvent } from '../../../src/core/usage/event-types.ts';
import type { Evidence } from '../../../src/core/usage/evidence.ts';
import { SAM, someEvidence } from '../../support/builders.ts';
import { collected, minute, WEB_1 } from './telling.ts';

const GAP = { why: 'not-read', detail: 'it is down' } as const;

function account(events: readonly Partial<AuditEvent>[], overrides: Partial<Evidence> = {}) {
  return accountOf(someEvidence({ ...collected(...events), ...overrides }));
}

describe('the outcome of an access', () => {
  it.each<[string, readonly Partial<AuditEvent>[], Partial<Evidence>, string]>([
    ['nothing seen', [], {}, 'never-assumed'],
    ['nothing seen, and not all read', [], { gaps: [GAP] }, 'not-known'],
    ['a certificate', [{ type: 'cert.create' }], {}, 'assumed'],
    ['certificates', Array.from({ length: 5 }, () => ({ type: 'cert.create' })), {}, 'assumed'],
    ['a certificate, and not all read', [{ type: 'cert.create' }], { gaps: [GAP] }, 'not-known'],
    ['a failed start', [{ type: 'cert.create' }, { sid: 'one', failed: true }], {}, 'assumed'],
    ['a session', [{ sid: 'one' }], {}, 'used'],
    ['a session without an id', [{}], {}, 'used'],
    ['an end without an id', [{ type: 'session.end' }], {}, 'never-assumed'],
    ['a session, and not all read', [{ sid: 'one' }], { gaps: [GAP] }, 'used'],
    ['a session joined', [{ type: 'session.join', sid: 'one' }], {}, 'used'],
    ['requests without a session', [{ type: 'kube.request' }], {}, 'used'],
    ['an end whose start was not seen', [{ type: 'session.end', sid: 'one' }], {}, 'used'],
    [
      'the end of a failed start',
      [
        { sid: 'one', failed: true },
        { type: 'session.end', sid: 'one' },
      ],
      {},
      'never-assumed',
    ],
    [
      'what became of a session that was not seen',
      [{ type: 'session.upload', sid: 'one' }],
      {},
      'never-assumed',
    ],
    ['a role of administrators', [{ type: 'role.created' }], {}, 'used'],
  ])('%s', (_what, events, overrides, outcome) => {
    expect(account(events, overrides).outcome).toBe(outcome);
  });

  it('is used where there were more sessions than an entry holds', () => {
    const starts = Array.from({ length: 203 }, () => ({ sid: '' }));
    const evidence = { ...collected(...starts), events: [] };
    expect(accountOf(someEvidence(evidence))).toMatchObject({ outcome: 'used', totals: { sessions: 3 } });
  });

  it('counts ten thousand sessions, each once, and failed ones as attempts', () => {
    const starts = Array.from({ length: 10_000 }, (_, at) => ({
      ...{ sid: `s${at}`, resource: WEB_1, time: minute(at) },
      ...(at % 1_000 === 999 ? { failed: true as const } : {}),
    }));
    const end = { type: 'session.end', sid: 's250', time: minute(251) };
    const evidence = collected(...starts.slice(0, 251), end, ...starts.slice(251));
    const { totals, uses } = account([], evidence);
    expect(totals).toMatchObject({ sessions: 9_990, attempts: 10 });
    expect(uses.find(({ sid }) => sid === 's250')).toMatchObject({
      ...{ begun: minute(250), ended: minute(251), resource: WEB_1 },
    });
    expect(JSON.stringify(evidence).length).toBeLessThan(200_000);
  });

  it('names no more of a session beyond what is kept than is known', () => {
    const starts = Array.from({ length: 201 }, (_, at) => ({ sid: `s${at}` }));
    const joined = { type: 'session.join', sid: 's201', requests: ['r', 'q'] };
    const { uses, totals } = account([
      ...starts,
      joined,
      ...['s1', 's200'].flatMap((sid) => [{ type: 'exec', sid }, { sid }, { type: 'session.join', sid }]),
    ]);
    const none = { resource: null, login: null, ended: null, user: null, recorded: null };
    const beyond = uses.filter(({ sid }) => sid === 's200' || sid === 's201');
    expect(beyond.map(({ begun, ...rest }) => [typeof begun, rest])).toEqual([
      ['string', { ...none, sid: 's200', joined: false, shared: false, counts: { commands: 1 } }],
      ['string', { ...none, sid: 's201', joined: true, shared: true, counts: {} }],
    ]);
    expect(totals.sessions).toBe(202);
  });

  it('knows of sessions without an id, each for itself, whether they were recorded', () => {
    expect(account([{}, { recorded: false }]).uses.map(({ recorded }) => recorded)).toEqual([null, false]);
    const { uses } = account([{ sid: 'one' }, { type: 'session.end', sid: 'one', recorded: false }]);
    expect(uses).toMatchObject([{ recorded: false }]);
  });

  it('gives nothing that has no session to a session without an id', () => {
    const { uses } = account([{ resource: WEB_1 }, {}, { type: 'kube.request' }]);
    expect(uses.map(({ sid, counts }) => [sid, counts.requests])).toEqual([
      ['', undefined],
      [null, 1],
      ['', undefined],
    ]);
  });
});

describe('what was done', () => {
  it('is told by session, from its start to its end, with what was counted in it', () => {
    const { uses, assumedAt, totals } = account([
      { type: 'cert.create', time: minute(0) },
      { sid: 'one', time: minute(1), resource: WEB_1, login: 'root' },
      { type: 'exec', sid: 'one' },
      { type: 'session.data', sid: 'one', bytes: 70 },
      { type: 'sftp', sid: 'one', files: 4 },
      { type: 'session.upload', sid: 'one', user: '' },
      { type: 'session.end', sid: 'one', user: 'another', time: minute(9), stop: minute(8) },
      { sid: 'two', time: minute(3), recorded: false },
      { type: 'session.join', sid: 'three', time: minute(4) },
      { type: 'session.end', sid: 'three', time: minute(5) },
      { sid: 'four', failed: true },
    ]);

    expect(assumedAt).toBe(minute(0));
    expect(uses).toEqual([
      {
        ...{ sid: 'one', resource: WEB_1, login: 'root', user: SAM.id, begun: minute(1), ended: minute(8) },
        ...{ joined: false, shared: false, recorded: true, counts: { commands: 1, files: 4, bytes: 70 } },
      },
      {
        ...{ sid: 'two', resource: null, login: null, user: SAM.id, begun: minute(3), ended: null },
        ...{ joined: false, shared: false, recorded: false, counts: {} },
      },
      {
        ...{ sid: 'three', resource: null, login: null, user: SAM.id, begun: minute(4), ended: minute(5) },
        ...{ joined: true, shared: false, recorded: null, counts: {} },
      },
    ]);
    expect(totals).toEqual({ sessions: 3, attempts: 1, counts: { commands: 1, files: 4, bytes: 70 } });
    expect(openUses({ ...account([]), uses }).map(({ sid }) => sid)).toEqual(['two']);
  });

  it('is one session, by its start, where it was begun and joined', () => {
    const { uses, totals } = account([{ sid: 'one' }, { type: 'session.join', sid: 'one', time: minute(2) }]);

    expect(uses).toMatchObject([{ sid: 'one', begun: minute(1), joined: false }]);
    expect(totals.sessions).toBe(1);
  });

  it('ends in an application with its last slice, and no later than the access', () => {
    const slices = (last: number) =>
      account(
        [
          { type: 'app.session.start', sid: 'one' },
          { type: 'app.session.chunk', sid: 'one', time: minute(last) },
        ],
        { until: minute(20) },
      ).uses[0]?.ended;
    expect(slices(3)).toBe(minute(8));
    expect(slices(18)).toBe(minute(20));
  });

  it('has what was done without a session of its own, by resource', () => {
    const eu = { kind: 'kube_cluster', name: 'eu' };
    const { uses } = account([
      { type: 'kube.request', resource: eu, login: 'sam', time: minute(2) },
      { type: 'kube.request', resource: eu, login: 'sam', time: minute(6) },
      { type: 'exec', sid: 'unseen', time: minute(8), requests: ['r', 'q'] },
      { type: 'sftp', sid: 'unseen', time: minute(7) },
      { type: 'sftp', sid: 'another', time: minute(9) },
    ]);
    expect(uses).toMatchObject([
      {
        sid: null,
        resource: eu,
        login: 'sam',
        user: null,
        begun: minute(2),
        ended: minute(6),
        joined: false,
        shared: false,
        counts: { requests: 2 },
      },
      {
        ...{ sid: null, resource: null, login: null, begun: minute(7), ended: minute(8), shared: true },
        counts: { commands: 1, files: 1 },
      },
      { begun: minute(9), counts: { files: 1 } },
    ]);
  });

  it('is cut by a lock, unless that was taken away', () => {
    const cut = { type: 'lock.created', time: minute(5) };
    expect(cutAt(collected())).toBeNull();
    expect(cutAt(collected(cut, { type: 'session.end', sid: 'one', time: minute(9) }))).toBe(minute(5));
    const [made, gone] = [cut, { type: 'lock.deleted', time: minute(6) }];
    expect(cutAt(collected(made, gone))).toBeNull();
    expect(cutAt(collected(gone, made))).toBeNull();
    expect(cutAt(collected(made, { ...made, type: 'lock.deleted' }))).toBeNull();
  });
});
