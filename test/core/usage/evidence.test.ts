import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, LATE_TYPES, countedAs, partOf } from '../../../src/core/usage/event-types.ts';
import { nothingCollected, withAuditEvent, withGap } from '../../../src/core/usage/evidence.ts';
import { anAuditEvent, collected, digest, minute, WEB_1 } from './telling.ts';

describe('events of the audit log', () => {
  it('are kept one by one where they begin, end or cut an access, and counted where they carry what was typed', () => {
    expect(EVENT_TYPES).toContain('db.session.query');
    expect(LATE_TYPES).not.toContain('db.session.query');
    expect(LATE_TYPES).toContain('session.upload');
    expect([partOf('exec'), countedAs('exec')]).toEqual(['counted', 'commands']);
    expect([partOf('session.end'), countedAs('session.end')]).toEqual(['end', null]);
    expect([partOf('toString'), countedAs('toString')]).toEqual([null, null]);
  });
});

describe('the evidence of an access', () => {
  it('keeps of an event what is of use, and the same event once', () => {
    const event = anAuditEvent({ sid: 'one', resource: WEB_1, requests: ['r'], bytes: 3, files: 1 });
    const once = withAuditEvent(nothingCollected, event, digest);

    const { type, uid, time, user } = event;
    expect(once.events).toEqual([{ type, uid, time, user, sid: 'one', resource: WEB_1 }]);
    expect(withAuditEvent(once, event, digest)).toBe(once);
  });

  it('counts by session, and what has none by resource and login, with a hash over all uids', () => {
    const { tallies } = collected(
      { type: 'exec', uid: 'a', sid: 'one', resource: WEB_1, login: 'root', time: minute(2) },
      { type: 'exec', uid: 'b', sid: 'one', time: minute(1), bytes: 5, files: 2 },
      { type: 'exec', uid: 'b2', sid: 'one', time: minute(3) },
      { type: 'exec', uid: 'b3', sid: 'one', time: minute(2) },
      { type: 'kube.request', uid: 'c', resource: { kind: 'kube_cluster', name: 'eu' } },
      { type: 'kube.request', uid: 'd', resource: { kind: 'kube_cluster', name: 'us' } },
      { type: 'kube.request', uid: 'd2', resource: { kind: 'db', name: 'us' } },
      { type: 'kube.request', uid: 'e', resource: { kind: 'kube_cluster', name: 'eu' } },
      { type: 'kube.request', uid: 'f', resource: { kind: 'kube_cluster', name: 'eu' }, login: 'sam' },
      { type: 'kube.request', uid: 'g' },
      { type: 'kube.request', uid: 'h' },
    );

    expect(tallies.map(({ sid, resource, count, hash }) => [sid, resource?.name, count, hash])).toEqual([
      ['one', 'web-1', 4, '####a b b2 b3'],
      ['', 'eu', 2, '##c e'],
      ['', 'us', 1, '#d'],
      ['', 'us', 1, '#d2'],
      ['', 'eu', 1, '#f'],
      ['', undefined, 2, '##g h'],
    ]);
    expect(tallies[0]).toMatchObject({
      login: 'root',
      bytes: 5,
      files: 2,
      first: minute(1),
      last: minute(3),
    });
  });

  it('is bounded: what is more is counted, and that it is more', () => {
    const starts = Array.from({ length: 205 }, (_, index) => ({ sid: `s${index}` }));
    const many = collected(...starts);
    expect(many.events).toHaveLength(200);
    expect(many.beyond).toBe(5);
    expect(many.tallies).toHaveLength(5);

    const failed = collected(...starts, { sid: 's204', failed: true }, { sid: 's204', failed: true });
    expect(failed.tallies.slice(-2)).toMatchObject([
      { sid: 's204', count: 1 },
      { sid: 's204', count: 2, failed: true },
    ]);

    const sids = Array.from({ length: 105 }, (_, index) => ({
      type: 'exec',
      sid: `s${index}`,
      resource: WEB_1,
    }));
    const { tallies, beyond } = collected(...sids, { type: 'exec', sid: 's0' }, { type: 'scp', sid: 's3' });
    expect(beyond).toBe(0);
    expect(tallies.map(({ count }) => count).reduce((sum, each) => sum + each)).toBe(107);
    expect(tallies).toHaveLength(102);
    expect(tallies.at(-2)).toMatchObject({ type: 'exec', sid: '', count: 5 });
    expect(tallies.at(-2)).not.toHaveProperty('resource');
    expect(tallies[0]).toMatchObject({ sid: 's0', count: 2 });

    const bare = collected(...sids.map(({ type, sid }) => ({ type, sid }))).tallies;
    expect([bare[0], bare.at(-1)]).toMatchObject([
      { sid: 's0', count: 1 },
      { sid: '', count: 5 },
    ]);

    // What is too much to be kept apart is nobody's: not of one login, nor of one resource.
    const own = [
      { type: 'scp', login: 'root' },
      { type: 'scp', resource: WEB_1 },
    ];
    const full = collected(...own, ...sids.slice(0, 98), { type: 'scp', login: 'sam' }).tallies;
    expect(full.filter(({ type }) => type === 'scp').map(({ count }) => count)).toEqual([1, 1, 1]);

    const certificates = collected(...Array.from({ length: 5 }, () => ({ type: 'cert.create' })));
    expect([certificates.events.length, certificates.beyond]).toEqual([3, 0]);
    expect(collected({}, {}, {}, { type: 'cert.create' }).events).toHaveLength(4);
    expect(certificates.tallies).toMatchObject([{ type: 'cert.create', count: 2 }]);
  });

  it('has each gap once, and not without end', () => {
    const route = collected(
      { type: 'cert.create', route: 'leaf' },
      { type: 'cert.create', route: 'leaf' },
      { type: 'cert.create', route: 'leaf-2' },
      { type: 'cert.create', route: anAuditEvent().cluster },
    );
    expect(route.gaps.map(({ why, detail }) => `${why} ${detail}`)).toEqual([
      'other-cluster leaf',
      'other-cluster leaf-2',
    ]);
    const more = withGap(route, { why: 'unreadable', detail: 'leaf' });
    expect(more.gaps).toHaveLength(3);
    const names = Array.from({ length: 30 }, (_, index) => `leaf ${index}`);
    expect(
      names.reduce((all, detail) => withGap(all, { why: 'other-cluster', detail }), nothingCollected).gaps,
    ).toHaveLength(20);
  });
});
