import { describe, expect, it } from 'vitest';
import type { Ask, Incident } from '../../src/ports/pagerduty.ts';
import type { IncidentNews } from '../../src/ports/webhooks.ts';
import { createWebhookHearing } from '../../src/review/follow-up/hear-webhooks.ts';
import { NOW } from '../support/builders.ts';
import { plusMs } from '../../src/core/values/instant.ts';

const OURS = 'oncall-approver/request-1/2';
const note = (incidentId = 'Q2PAGE'): IncidentNews => ({
  eventType: 'incident.annotated',
  incidentId,
  incidentKey: null,
});
const withKey = (incidentKey: string, eventType: string): IncidentNews => ({
  eventType,
  incidentId: 'Q2PAGE',
  incidentKey,
});

/** PagerDuty with incidents of these keys; what was reported, looked up, and looked at again. */
function hearing(keys: Record<string, string | null>, failing: Partial<Record<'find' | 'look', Error>> = {}) {
  const seen = { heard: [] as (string | null)[], failed: [] as string[], found: [] as Ask[] };
  const looked: string[] = [];
  const stop = new AbortController();
  const webhooks = createWebhookHearing({
    incidents: {
      find(id, ask) {
        seen.found.push(ask);
        if (failing.find !== undefined) return Promise.reject(failing.find);
        return Promise.resolve(id in keys ? ({ incidentKey: keys[id] ?? null } as Incident) : null);
      },
    },
    reporter: {
      webhookHeard: ({ requestId }) => void seen.heard.push(requestId),
      webhookFailed: ({ incidentId, eventType, cause }) =>
        void seen.failed.push(`${incidentId} ${eventType} ${cause}`),
    },
    clock: { now: () => NOW },
    signal: stop.signal,
    lookAgain(id) {
      looked.push(id);
      return failing.look === undefined ? Promise.resolve() : Promise.reject(failing.look);
    },
  });
  const all = async (...news: readonly IncidentNews[]) => {
    for (const each of news) await webhooks.hear(each);
    return { heard: seen.heard, looked, lookUps: seen.found.length, failed: seen.failed };
  };
  return { all, webhooks, seen, stop };
}

describe('what a webhook tells of', () => {
  const ours = { heard: ['request-1'], looked: ['request-1'], lookUps: 0, failed: [] };
  const nothing = { heard: [], looked: [], lookUps: 0, failed: [] };
  const others = { ...nothing, heard: [null] };
  const twice = ['request-1', 'request-1'];

  it.each<[string, readonly IncidentNews[], object]>([
    ['a page of ours', [withKey(OURS, 'incident.acknowledged')], ours],
    ['its first page', [withKey('oncall-approver/request-1', 'incident.resolved')], ours],
    ['an alert’s incident', [withKey('disk-full', 'incident.resolved')], others],
    ['one whose key only begins like ours', [withKey('oncall-approver/', 'incident.reopened')], others],
    ['something that brings no answer', [withKey(OURS, 'incident.triggered')], nothing],
    ['something without an answer or key', [{ ...note(), eventType: 'incident.delegated' }], nothing],
    ['a note, looked up', [note()], { ...ours, lookUps: 1 }],
    ['two notes, looked up once', [note(), note()], { ...ours, lookUps: 1, heard: twice, looked: twice }],
    ['a note on what was opened before', [withKey(OURS, 'incident.triggered'), note()], ours],
    ['a note on another’s', [note('QALERT'), note('QALERT')], { ...others, lookUps: 1, heard: [null, null] }],
    ['a note on an incident without a key', [note('QNOKEY')], { ...others, lookUps: 1 }],
    ['a note on what is gone', [note('QGONE')], { ...others, lookUps: 1 }],
  ])('%s', async (_what, news, expected) => {
    const { all } = hearing({ Q2PAGE: OURS, QALERT: 'disk-full', QNOKEY: null });

    expect(await all(...news)).toEqual(expected);
  });

  it('is looked up behind decisions and pages', async () => {
    const { all, seen } = hearing({ Q2PAGE: OURS });
    await all(note());

    expect(seen.found[0]?.priority).toBe('follow-up');
  });

  it.each(['find', 'look'] as const)(
    'is left to polling where that fails, and so reported: %s',
    async (what) => {
      const { all } = hearing({ Q2PAGE: OURS }, { [what]: new Error('PagerDuty answers 503') });

      expect((await all(note())).failed).toEqual(['Q2PAGE incident.annotated PagerDuty answers 503']);
    },
  );

  it('is not reported as failed by a service that stops', async () => {
    const { all, stop } = hearing({ Q2PAGE: OURS }, { find: new Error('PagerDuty answers 503') });
    stop.abort();

    expect((await all(note())).failed).toEqual([]);
  });

  it('shows that webhooks come through, whatever it is about', async () => {
    const { all, webhooks } = hearing({});
    expect(webhooks.cameSince(NOW)).toBe(false);
    await all(withKey('disk-full', 'incident.triggered'));

    expect([
      webhooks.cameSince(plusMs(NOW, -1)),
      webhooks.cameSince(NOW),
      webhooks.cameSince(plusMs(NOW, 1)),
    ]).toEqual([true, true, false]);
  });
});
