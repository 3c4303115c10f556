import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/core/usage/event-types.ts';
import type { Evidence, Gap } from '../../../src/core/usage/evidence.ts';
import { accountOf } from '../../../src/core/usage/account.ts';
import { gapsInWords, recordingLink, useNote, useWords } from '../../../src/core/wording/usage.ts';
import { aRecordedDecision, someEvidence } from '../../support/builders.ts';
import { collected, minute, WEB_1 } from '../usage/telling.ts';

function words(events: readonly Partial<AuditEvent>[], overrides: Partial<Evidence> = {}): string {
  const evidence = someEvidence({ ...collected(...events), ...overrides });
  return useWords(accountOf(evidence), evidence);
}

const gaps: readonly Gap[] = [{ why: 'other-cluster', detail: 'leaf' }];
const session = [
  { sid: 'one', resource: WEB_1, time: minute(1) },
  { type: 'session.end', sid: 'one', time: minute(38) },
];

describe('what an access was used for, in words', () => {
  it.each<[string, readonly Partial<AuditEvent>[], Partial<Evidence>]>([
    ['It was not used: it was never assumed, by the audit log of teleport.example.com.', [], {}],
    ['It was not used: it was never assumed, by the audit log of the cluster.', [], { cluster: null }],
    [
      'It was not used: it was assumed, and nothing was done by it, by the audit log of teleport.example.com.',
      [{ type: 'cert.create' }],
      {},
    ],
    [
      'Whether it was used is not known: what happens in cluster leaf stands in a log of its own.',
      [],
      { gaps },
    ],
    [
      'Whether it was used is not known, beyond that it was assumed: what happens in cluster leaf stands in a log of its own.',
      [{ type: 'cert.create' }],
      { gaps },
    ],
    ['It was used for 37 min: 1 SSH session (web-1).', session, {}],
    [
      'It was used for 37 min: 1 SSH session (web-1). There may be more: what happens in cluster leaf stands in a log of its own.',
      session,
      { gaps },
    ],
    [
      `It was used, from ${minute(1)} on, and a session was not seen to end: 2 SSH sessions (web-1), 1 session (unknown), 1 session (evil), 1 command in all, 2 failed attempts to begin one.`,
      [
        { sid: 'one', resource: WEB_1 },
        { sid: 'two', resource: WEB_1 },
        { sid: 'three', time: minute(2) },
        { sid: 'x', time: minute(3), resource: { kind: 'new', name: '\u202eevil' } },
        { type: 'exec', sid: 'one' },
        { type: 'session.end', sid: 'two', time: minute(9) },
        { sid: 'four', failed: true },
        { sid: 'five', failed: true },
      ],
      {},
    ],
    [
      'It was used for 120 s: 2 requests on kube_cluster eu, 1 tunnel on web-1, 1 sign-in.',
      [
        { type: 'kube.request', resource: { kind: 'kube_cluster', name: 'eu' } },
        { type: 'kube.request', resource: { kind: 'kube_cluster', name: 'eu' } },
        { type: 'port', resource: WEB_1, time: minute(2) },
        { type: 'saml.idp.auth', time: minute(3) },
      ],
      {},
    ],
    [
      'It was used for 0 s: 10 SSH sessions (h0, h1, h2, h3, h4, h5, h6, h7, h8, h9).',
      Array.from({ length: 10 }, (_, index) => [
        { sid: `${index}`, resource: { kind: 'node', name: `h${index}` } },
        { type: 'session.end', sid: `${index}` },
      ]).flat(),
      {},
    ],
    [
      'It was used for 0 s: 12 SSH sessions (h0, h1, h10, h11, h2, h3, h4, h5, h6, h7 and 2 more).',
      Array.from({ length: 12 }, (_, index) => [
        { sid: `${index}`, resource: { kind: 'node', name: `h${index}` } },
        { type: 'session.end', sid: `${index}` },
      ]).flat(),
      {},
    ],
    [
      `It was used, from ${minute(1)} on: 1 session, 1 request on kube_cluster eu.`,
      [
        { type: 'kube.request', resource: { kind: 'kube_cluster', name: 'eu' } },
        ...Array.from({ length: 201 }, () => ({ sid: '' })),
      ],
      { events: [] },
    ],
    [
      'It was used for 5 min: 1 application session (wiki).',
      [
        { type: 'app.session.start', sid: 'a', resource: { kind: 'app', name: 'wiki' } },
        { type: 'app.session.chunk', sid: 'a' },
      ],
      {},
    ],
    ['It was used: 1 session.', Array.from({ length: 201 }, () => ({ sid: '' })), { events: [] }],
  ])('%s', (expected, events, overrides) => {
    expect(words(events, overrides)).toBe(expected.replace('120 s', '2 min'));
  });

  it('counts the sessions that an entry has no room for, and claims no end for them', () => {
    const starts = Array.from({ length: 10_000 }, (_, at) => ({ sid: `s${at}`, resource: WEB_1 }));
    expect(words(starts)).toMatch(
      /^It was used, from \S+ on: 300 SSH sessions \(web-1\), 9700 further sessions\.$/u,
    );
  });

  it('is bounded, however much was done', () => {
    const requests = Array.from({ length: 12 }, (_, index) => ({
      type: 'kube.request',
      resource: { kind: 'kube_cluster', name: `c${index}` },
    }));
    expect(words(requests)).not.toContain('kube_cluster c9');
  });

  it('says of each gap what it is', () => {
    const all = (['not-read', 'began-later', 'unreadable', 'other-cluster', 'state-lost'] as const).map(
      (why) => ({
        why,
        detail: 'leaf',
      }),
    );
    expect(gapsInWords([{ why: 'not-read', detail: 'd'.repeat(300) }])).toContain(`(${'d'.repeat(300)})`);
    expect(gapsInWords(all)).toBe(
      'the audit log could not be read to the end of the access (leaf), the audit log was read only from after the approval on, events of that time could not be understood, what happens in cluster leaf stands in a log of its own and what had been read of the audit log was lost',
    );
  });

  it('stands on the incident with the recordings', () => {
    const evidence = someEvidence(collected(...session, { type: 'session.upload', sid: 'one' }));
    expect(useNote(aRecordedDecision(), { evidence }, { proxyPublicAddr: 'teleport.example.com:443' })).toBe(
      'Access of sre-1 (role prodaccess) is over. It was used for 37 min: 1 SSH session (web-1). Recordings: https://teleport.example.com:443/web/cluster/teleport.example.com/session/one?recordingType=ssh&durationMs=2220000',
    );
    expect(useNote(aRecordedDecision(), { evidence }, { proxyPublicAddr: '' })).toMatch(/\(web-1\)\.$/u);
    const many = Array.from({ length: 6 }, (_, at) => [
      { sid: `s${at}`, resource: WEB_1 },
      { type: 'session.upload', sid: `s${at}` },
    ]).flat();
    const note = useNote(
      ...[aRecordedDecision(), { evidence: someEvidence(collected(...many)) }, { proxyPublicAddr: 'proxy' }],
    );
    expect(note.split(' https://proxy/')).toHaveLength(6);
  });
});

describe('where a recording is played', () => {
  const [use] = accountOf(someEvidence(collected(...session, { type: 'session.upload', sid: 'one' }))).uses;
  if (use === undefined) throw new Error('there is a session');

  it.each([
    ['none is known of', { ...use, recorded: null }, 'root'],
    ['it is not known of which session', { ...use, sid: null }, 'root'],
    ['it is not known of what', { ...use, resource: null }, 'root'],
    ['there is no player', { ...use, resource: { kind: 'app', name: 'wiki' } }, 'root'],
    ['the cluster is not known', use, null],
  ])('nowhere where %s', (_why, given, cluster) => {
    expect(recordingLink(given, cluster, 'proxy')).toBeNull();
  });

  it('is for the whole of it where its end was not seen', () => {
    expect(recordingLink({ ...use, sid: 'a/b?', ended: null }, 'root', 'proxy')).toBe(
      'https://proxy/web/cluster/root/session/a%2Fb%3F?recordingType=ssh',
    );
  });
});
