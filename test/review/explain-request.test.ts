import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Rule } from '../../src/core/rule.ts';
import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import { explainRequest, requestOf } from '../../src/review/explain-request.ts';
import { anEscalation, aRequest, aResource, aRule, aWhen, NOW, someTargets } from '../support/builders.ts';
import { OWNER } from '../core/owning.ts';
import { gather } from '../support/gathered.ts';

const { signal } = new AbortController();
const db = { resources: { kinds: ['db'], names: ['pay*'] } };
const notifying = { notifies: true, onCall: someTargets({ services: [] }) } as const;

async function explained(
  rule: Partial<Rule>,
  request: Partial<AccessRequest> = {},
  at: typeof NOW | null = null,
) {
  const { gathering } = await gather([aRule(rule)]);
  return explainRequest(aRequest(request), gathering, { at, signal });
}

describe('a rule that stands by', () => {
  const others = 'the request asks for other resources, or for none';
  const lacks = (name: string) => `the request has no annotation \`${name}\`, by which the rule goes`;

  it.each<[string, Partial<Rule>, Partial<AccessRequest>, string | null]>([
    ['does not where it covers the request', {}, {}, null],
    ['has other roles', { roles: ['dba', 'root'] }, {}, 'it covers other roles: dba, root'],
    ['has no target', { onCall: someTargets({ services: [], fromAnnotation: 'owner' }) }, {}, lacks('owner')],
    [
      'has no desk without an annotation',
      { ...notifying, escalate: anEscalation({ service: null, fromAnnotation: 'notify' }) },
      {},
      lacks('notify'),
    ],
    ['has others, and a target', { when: aWhen(db) }, { resources: [aResource({ name: 'other' })] }, others],
    ['has a desk', { ...notifying, when: aWhen(db) }, { resources: [aResource({ kind: 'node' })] }, others],
    [
      'has other resources though it breaks glass',
      { breakGlass: true, onCall: someTargets({ services: [] }), when: aWhen(db) },
      { resources: [aResource({ kind: 'node' })] },
      others,
    ],
    ['has resources, and none are asked for', { when: aWhen(db) }, {}, others],
    [
      'goes by owners of resources, and none are asked for',
      { onCall: { ...someTargets({ services: [] }), owner: OWNER }, when: aWhen(db) },
      {},
      others,
    ],
    ['does not where it covers these resources', { when: aWhen(db) }, { resources: [aResource()] }, null],
    [
      'has other people',
      { when: aWhen({ requesterRoles: ['dbas'] }) },
      {},
      'the requester has other roles or traits in Teleport',
    ],
    [
      'has other hours',
      { when: aWhen({ hours: { timeZone: 'UTC', spans: [] } }) },
      {},
      'it is outside of the hours of the rule',
    ],
  ])('%s', async (_what, rule, request, why) => {
    expect((await explained(rule, request)).standingBy).toEqual(
      why === null ? [] : [{ rule: 'prod-oncall', why }],
    );
  });
});

it('what would be decided is told of now or of that moment, whatever has become of the request', async () => {
  const moment = plusMs(NOW, HOUR);
  const now = await explained({}, { state: 'denied' });
  expect(now).toMatchObject({
    decidedAt: NOW,
    request: { state: 'pending' },
    decision: { verdict: 'approve' },
    facts: { onCall: { at: NOW }, reviewRefused: null },
  });

  expect(await explained({}, {}, moment)).toMatchObject({
    decidedAt: moment,
    facts: { onCall: { at: moment } },
  });
});

it('a request that nobody has made is as Teleport would make it', () => {
  const hypothesis = {
    requester: 'sre-1',
    roles: ['a'],
    reason: 'why',
    resources: [aResource()],
    annotations: { x: ['y'] },
  };
  const request = {
    ...{
      ...hypothesis,
      id: 'hypothetical',
      revision: '',
      state: 'pending',
      kind: 'short-term',
      dryRun: false,
      created: NOW,
    },
    ...{
      requestExpires: null,
      startsAt: null,
      suggestedReviewers: [],
      thresholds: [],
      reviews: [],
      resolveReason: '',
    },
  };

  expect(requestOf({ ...hypothesis, durationMs: HOUR }, NOW)).toEqual({
    ...request,
    accessExpires: plusMs(NOW, HOUR),
  });
  expect(requestOf({ ...hypothesis, durationMs: null }, NOW)).toEqual({ ...request, accessExpires: null });
});
