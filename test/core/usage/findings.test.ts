import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../../src/core/resources/resource.ts';
import type { AccessCheck, LedgerEvent, RecordedUse } from '../../../src/core/record/ledger-entry.ts';
import type { Rule } from '../../../src/core/rule.ts';
import { storyOf } from '../../../src/core/record/story.ts';
import type { AuditEvent } from '../../../src/core/usage/event-types.ts';
import type { Evidence } from '../../../src/core/usage/evidence.ts';
import { findingsOf } from '../../../src/core/usage/findings.ts';
import { findingPage, findingWords } from '../../../src/core/wording/findings.ts';
import {
  anOnCallRow,
  aRecordedDecision,
  aRecordedUse,
  aRequest,
  aResource,
  aRule,
  NOW,
  onCallWith,
  someEvidence,
  someFacts,
} from '../../support/builders.ts';
import { collected, minute, WEB_1 } from './telling.ts';

/** On call until the fifth minute; it is by the own review that the access was given. */
const shift = onCallWith(anOnCallRow({ end: minute(5) }));
const approved = aRecordedDecision({ facts: someFacts({ onCall: shift }) });

function given(decided = approved): readonly LedgerEvent[] {
  const { requestId, decisionId } = decided;
  const effect = { kind: 'review', key: 'review', decisionId, propose: 'approved', reason: 'r' } as const;
  const outcome = { summary: '', ours: true, incidentId: null, url: null };
  return [
    decided,
    { kind: 'effect-intended', requestId, effect },
    { kind: 'effect-done', requestId, key: 'review', outcome },
    { kind: 'ended', requestId, ending: { state: 'approved', by: 'us', reason: 'r' } },
  ];
}

function found(
  events: readonly Partial<AuditEvent>[],
  {
    stage = 'final',
    decided = given(),
    ...evidence
  }: Partial<Evidence> & { stage?: RecordedUse['stage']; decided?: readonly LedgerEvent[] } = {},
) {
  const used = aRecordedUse({ stage, evidence: someEvidence({ ...collected(...events), ...evidence }) });
  return findingsOf(storyOf([...decided, used].map((event) => ({ event, at: NOW }))));
}

const kinds = (...of: Parameters<typeof found>) => found(...of).map(({ kind }) => kind);
const session = (overrides: Partial<AuditEvent> = {}, end = 4): readonly Partial<AuditEvent>[] => [
  { sid: 'one', resource: WEB_1, ...overrides },
  { type: 'session.end', sid: 'one', time: minute(end) },
];

function asking(...resources: readonly Partial<ResourceId>[]): readonly LedgerEvent[] {
  const request = aRequest({ resources: resources.map(aResource) });
  return given({ ...approved, request });
}

describe('what an access shows', () => {
  it('is nothing before an account, or without a decision', () => {
    expect(findingsOf(storyOf(given().map((event) => ({ event, at: NOW }))))).toEqual([]);
    expect(kinds([], { decided: [] })).toEqual([]);
  });

  it.each<[string, Parameters<typeof found>, readonly string[]]>([
    ['never assumed', [[]], ['never-used']],
    ['assumed, and nothing done', [[{ type: 'cert.create' }], { stage: 'correction' }], ['never-used']],
    ['not used so far', [[], { stage: 'provisional' }], []],
    ['not known', [[], { gaps: [{ why: 'not-read', detail: '' }] }], []],
    ['used while the shift went on', [session()], []],
    ['used a minute after it, by clocks that differ', [session({}, 6)], []],
    ['used after the shift', [session({}, 7)], ['ran-on']],
    ['begun after the shift, and not seen to end', [[{ sid: 'one', time: minute(7) }]], ['ran-on']],
    ['used while the access went on, by people', [session({}, 7), { decided: [approved] }], []],
    ['used after a lock', [session({}, 4), { until: minute(2), decided: [approved] }], ['ran-on']],
  ])('%s', (_what, of, expected) => {
    expect(kinds(...of)).toEqual(expected);
  });

  it.each<[string, Partial<Rule['accessEnd']>, Partial<AccessCheck>, readonly string[]]>([
    ['a look found a longer shift', {}, { until: minute(9) }, []],
    ['the incident was over', { afterIncidentMs: 0 }, { until: minute(9), over: 'incident' }, ['ran-on']],
    ['a look was at incidents', { withShift: false, afterIncidentMs: 0 }, { until: minute(9) }, ['ran-on']],
  ])('used after the shift as it was known, where %s', (_what, ends, looked, expected) => {
    const rule = aRule({ accessEnd: { withShift: true, warnBeforeMs: null, ...ends } });
    const decided = { ...approved, endsAccess: [rule] };
    const onCall = { state: 'not-asked' } as const;
    const { requestId } = decided;
    const look = {
      kind: 'access-checked',
      requestId,
      ends: false,
      why: '',
      until: null,
      onCall,
      ...looked,
    } as const;
    expect(kinds(session({}, 7), { decided: [...given(decided), look] })).toEqual(expected);
  });

  const node = (id: string) => ({ kind: 'node', name: 'web-1', id });
  it.each<[string, Partial<AuditEvent>, readonly Partial<ResourceId>[], readonly string[]]>([
    ['a node by its id', { resource: node('id-1') }, [{ kind: 'node', name: 'id-1' }], []],
    ['another node', { resource: node('id-2') }, [{ kind: 'node', name: 'id-1' }], ['outside']],
    ['another kind', { resource: WEB_1 }, [{ kind: 'db', name: 'web-1' }], ['outside']],
    ['a pod of it', { resource: { kind: 'kube_cluster', name: 'eu' } }, [{ kind: 'pod', name: 'eu' }], []],
    [
      'a node that is called like the cluster',
      { resource: { kind: 'kube_cluster', name: 'eu' } },
      [{ kind: 'node', name: 'eu' }],
      ['outside'],
    ],
    ['an application of a group', { resource: { kind: 'app', name: 'x' } }, [{ kind: 'user_group' }], []],
    [
      'an application of a group, one of several things',
      { resource: { kind: 'app', name: 'x' } },
      [{ kind: 'user_group' }, { kind: 'db' }],
      [],
    ],
    ['a node, beside a group', { resource: WEB_1 }, [{ kind: 'user_group' }], ['outside']],
    ['one of two', { resource: WEB_1 }, [{ kind: 'db' }, { kind: 'node', name: 'web-1' }], []],
    [
      'a cluster that was asked for',
      { resource: { kind: 'kube_cluster', name: 'eu' } },
      [{ kind: 'kube_cluster', name: 'eu' }],
      [],
    ],
    ['an application', { resource: { kind: 'app', name: 'x' } }, [{ kind: 'db' }], ['outside']],
    ['a repository', { resource: { kind: 'git_server', name: 'a/b' } }, [{ kind: 'git_server' }], []],
    ['nothing that is named', {}, [{ kind: 'node' }], []],
    ['what roles allow', { resource: WEB_1 }, [], []],
    ['what another request may be for', { resource: WEB_1, requests: ['a', 'b'] }, [{ kind: 'db' }], []],
  ])('used on %s', (_what, { resource, requests }, asked, expected) => {
    const event = { sid: 'one', ...(resource && { resource }), ...(requests && { requests }) };
    expect(kinds([event], { decided: asking(...asked) })).toEqual(expected);
  });

  it.each([
    ['the access, where that is over first', minute(2), { end: 'access', at: minute(2) }],
    ['the shift, where that is', minute(9), { end: 'shift', at: minute(5) }],
  ] as const)('used after the end of %s', (_which, until, past) => {
    expect(found(session({}, 7), { until })).toMatchObject([{ kind: 'ran-on', past }]);
  });

  it('has what was done by broken glass, once it is known', () => {
    const glass = given({ ...approved, decision: { ...approved.decision, breakGlass: true, proofs: [] } });
    expect(kinds(session(), { decided: glass, stage: 'provisional' })).toEqual([]);
    const ending = aRule({ accessEnd: { withShift: true, warnBeforeMs: null } });
    const look: AccessCheck = {
      kind: 'access-checked',
      requestId: approved.requestId,
      ends: false,
      why: '',
      until: minute(5),
      onCall: { state: 'not-asked' },
    };
    const nobodys = { ...approved, decision: { ...approved.decision, breakGlass: true, proofs: [] } };
    const looked = [...given({ ...nobodys, endsAccess: [ending] }), look];
    expect(kinds(session({}, 7), { decided: looked })).toEqual(['broken-glass']);
    const [seen] = found(session(), { decided: glass });
    expect(seen && findingWords(seen)).toBe(
      `It was given by broken glass, and used: web-1 from ${minute(1)} to ${minute(4)}.`,
    );
    expect(found([], { decided: glass }).map(findingWords)).toEqual([
      'It was approved and, by the audit log, not used: perhaps less would do.',
      'It was given by broken glass; no use of it is known.',
    ]);
  });
});

describe('the page about it', () => {
  it('says what, whose, and that nothing is asked for', () => {
    const [late] = found([
      { sid: 'one', time: minute(7) },
      { type: 'exec', sid: 'one', time: minute(8) },
    ]);
    const page = late && findingPage(approved, late, { proxyPublicAddr: 'proxy:443' });
    expect(page?.title).toBe('Access of sre-1 (role prodaccess): used past its end');
    expect(page?.details.split('\n')).toEqual([
      'Access of sre-1 (role prodaccess) was approved by rule prod-oncall.',
      `It was used past the end of the shift, as that was known (${minute(5)}): a resource that is not named from ${minute(7)} to an end that was not seen (1 command).`,
      expect.stringContaining('Nothing is asked for'),
      expect.stringContaining('https://proxy:443/web/requests/'),
      expect.stringMatching(/^oncall-approver decision /u),
    ]);
  });

  it('names no more than can be read, nor people as a rule', () => {
    const many = Array.from({ length: 12 }, (_, at) => ({ sid: `s${at}`, resource: WEB_1 }));
    const people = aRecordedDecision({
      facts: someFacts({ onCall: onCallWith() }),
      request: aRequest({ resources: [aResource({ kind: 'db' })] }),
    });
    const [outside] = found(many, { decided: [people] });
    const { details = '' } = (outside && findingPage(people, outside, { proxyPublicAddr: '' })) ?? {};
    expect(details).toContain('was approved by people.\nWith this request alone');
    expect(details).toContain(' and 2 more.');
    expect(details).not.toContain('https://');
    expect(details.split('\n')).toHaveLength(4);
    const past = { end: 'access', at: minute(1) } as const;
    expect(findingWords({ kind: 'ran-on', uses: [], past })).toContain(`past its end (${minute(1)})`);
  });
});
