import { describe, expect, it } from 'vitest';
import type { Rule } from '../../src/core/rule.ts';
import { MINUTE, plusMs, SECOND } from '../../src/core/values/instant.ts';
import {
  aCause,
  aResource,
  aRule,
  aTargetFact,
  anOnCallRow,
  aWhen,
  NOW,
  onCallWith,
  recognised,
  SAM,
  someFacts,
  someRequirements,
  someTargets,
  TAYLOR,
} from '../support/builders.ts';
import { ManualTime } from '../support/manual-time.ts';

import {
  isDown,
  live,
  incident,
  helping,
  gather,
  needed,
  service,
  off,
  since,
  type There,
} from '../support/gathered.ts';

const BY = ['user', 'login', 'on call for Payments API', 'by e-mail'];
const byId = { identities: [{ kind: 'map' as const, users: { 'sre-1': SAM.id } }] };

describe('what a decision goes by is asked for', () => {
  it.each<[string, readonly Rule[], There, readonly string[]]>([
    ['where a rule covers the request', [aRule()], {}, BY],
    ['where none does, at no cost', [aRule({ roles: ['other'] })], {}, ['on call for ']],
    ['without the user where a map names them', [aRule()], { policy: byId }, ['on call for Payments API']],
    [
      'with the user where a rule asks for roles',
      [aRule({ when: aWhen({ requesterRoles: ['sres'] }) })],
      { policy: byId },
      ['user', 'login', 'on call for Payments API'],
    ],
    [
      'with the user alone where the name is the address',
      [aRule()],
      { policy: { identities: [{ kind: 'username-is-email' }] } },
      ['user', 'on call for Payments API'],
    ],
    ['with open incidents where a rule asks', [incident], { open: [live('Q1')] }, [...BY, 'open on PSERVC1']],
    ['with merged ones where these are not enough', [incident], {}, [...BY, 'open on PSERVC1', since]],
    [
      'with merged ones where they are no evidence',
      [incident],
      { open: [live('Q1', { openedBy: { ...SAM, type: 'user_reference' } })] },
      [...BY, 'open on PSERVC1', since],
    ],
    [
      'with a page of ours, which is none',
      [incident],
      { open: [live('Q1', { incidentKey: 'oncall-approver/1', openedBy: { ...TAYLOR, type: 'user' } })] },
      [...BY, 'open on PSERVC1', since],
    ],
    [
      'with merged ones where these are not enough for all rules',
      [
        incident,
        aRule({
          name: 'high',
          require: someRequirements({ openIncident: { urgency: 'high', involvement: 'any' } }),
        }),
      ],
      { open: [live('Q1', { urgency: 'low' })] },
      ['user', 'login', 'on call for Payments API,Payments API', 'by e-mail', 'open on PSERVC1', since],
    ],
    ['with open incidents alone where help counts', [helping], {}, [...BY, 'open on PSERVC1']],
    [
      'with the log of incidents that one is to help with',
      [helping],
      { rows: off, open: [live('Q1', needed), live('Q2')], asking: { Q1: TAYLOR.id } },
      [...BY, 'open on PSERVC1', 'log of Q1'],
    ],
    [
      'with merged ones where nobody asked for help',
      [helping],
      { rows: off, open: [live('Q1', needed)] },
      [...BY, 'open on PSERVC1', 'log of Q1', since],
    ],
    [
      'with the logs of both where one was merged',
      [helping],
      { rows: off, merged: [{ merged: live('Q1', needed), into: live('Q2') }] },
      [...BY, 'open on PSERVC1', since, 'log of Q1', 'log of Q2'],
    ],
    ['without the log otherwise', [incident], { open: [live('Q1', needed)] }, [...BY, 'open on PSERVC1']],
    [
      'with who reopened it where the requester had the last word',
      [helping],
      { open: [live('Q1', { lastChangeBy: { ...SAM, type: 'user_reference' } })] },
      [...BY, 'open on PSERVC1', 'resolutions of Q1'],
    ],
    [
      'with who reopened it where nobody had',
      [helping],
      { open: [live('Q1', { lastChangeBy: service })] },
      [...BY, 'open on PSERVC1', 'resolutions of Q1'],
    ],
    [
      'without where somebody else had',
      [helping],
      { open: [live('Q1', { lastChangeBy: { ...TAYLOR, type: 'user_reference' } })] },
      [...BY, 'open on PSERVC1'],
    ],
    [
      'of no other kind than services',
      [aRule({ responders: true, onCall: someTargets({ services: [], schedules: ['Primary'] }) })],
      { targets: [aTargetFact({ kind: 'schedule', asked: 'Primary' })] },
      ['user', 'login', 'on call for Primary', 'by e-mail'],
    ],
    [
      'with host names',
      [aRule()],
      { request: { resources: [aResource({ kind: 'node', name: 'node-1' })] } },
      ['names of node-1', ...BY],
    ],
    [
      'without host names where no rule covers it',
      [aRule({ roles: ['other'] })],
      { request: { resources: [aResource({ kind: 'node', name: 'node-1' })] } },
      ['on call for '],
    ],
  ])('%s', async (_which, rules, there, asked) => {
    expect((await gather(rules, there)).asked).toEqual(asked);
  });
});

describe('facts', () => {
  it('are whole, with what was asked for them', async () => {
    const reviewRefused = aCause({ code: 'refused' });
    const { facts } = await gather([aRule()], {
      policy: byId,
      request: { resources: [aResource({ kind: 'node', name: 'node-1' })] },
      context: { reviewRefused },
    });

    expect(facts).toEqual({
      ...someFacts({ reviewRefused, reads: 1, user: { state: 'not-asked' } }),
      requester: recognised({ email: null, source: 'the map', binding: 'id' }),
      onCall: { ...onCallWith(anOnCallRow()), sightings: [] },
      hostNames: { state: 'known', names: [{ id: 'node-1', hostname: 'web-1' }] },
    });
    expect((await gather([aRule({ roles: ['other'] })])).facts.requester).toEqual({
      state: 'unrecognised',
      why: 'not asked: no rule covers the request',
    });
    expect((await gather([aRule()], { policy: byId, rows: off })).facts.requester).toMatchObject({
      name: null,
    });
    expect((await gather([aRule()], { policy: byId, rows: null })).facts.requester).toMatchObject({
      name: null,
    });
  });

  it.each<[string, There, object]>([
    ['are those of now where both clocks agree', { clockBehindMs: 5 * SECOND }, { state: 'known', at: NOW }],
    [
      'say nothing of who is on call where they do not',
      { clockBehindMs: 3 * MINUTE },
      {
        state: 'unknown',
        cause: {
          code: 'clock-skew',
          transient: true,
          message: expect.stringContaining('clock is 180 s ahead of this') as string,
        },
      },
    ],
    [
      'say nothing where the other one is behind',
      { clockBehindMs: -3 * MINUTE },
      {
        state: 'unknown',
        cause: { message: expect.stringContaining('clock is 180 s behind this') as string },
      },
    ],
    [
      'are those of another time where one is asked for',
      { clockBehindMs: 3 * MINUTE, context: { at: plusMs(NOW, MINUTE) } },
      { state: 'known', at: plusMs(NOW, MINUTE) },
    ],
  ])('%s', async (_what, there, onCall) => {
    expect((await gather([aRule()], there)).facts).toMatchObject({ onCall });
  });

  it.each([
    ['half a minute', undefined, 30],
    ['as long as a person is not called', 20 * SECOND, 20],
    ['ten seconds at least', SECOND, 10],
    ['half a minute at most', 90 * SECOND, 30],
  ])('are waited for %s', async (_how, leftMs, seconds) => {
    using time = new ManualTime(new Date(NOW));
    const gathering = gather([aRule()], { isSilent: true, context: leftMs === undefined ? {} : { leftMs } });
    await expect(time.during(gathering)).rejects.toBe(isDown);

    expect(time.epochMs - Date.parse(NOW)).toBe(seconds * SECOND);
  });
});
