import { describe, expect, it } from 'vitest';
import { closingNote, endingWords } from '../../../src/core/wording/notes.ts';
import { breakGlassPage, listing, page } from '../../../src/core/wording/pages.ts';
import type { Ending } from '../../../src/core/record/ledger-entry.ts';
import {
  aPolicy,
  aResource,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from '../../support/builders.ts';

const PROVENANCE = 'oncall-approver decision 0194f8a2-7e90-7c11-8f3d-2b6d9a4c0e57 digest 9f2b6c1d40e7';
const OFF_CALL =
  'Sam One (by trait `email`) is not on call for service Payments API at 2026-03-03T02:14:07.000Z';
const ID = '0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44';
const SETTING = { proxyPublicAddr: 'teleport.example.com:443', resolveWith: 'review' } as const;
const CLOSING = { where: SETTING, now: NOW };
const LAST = 'Nothing is left to do for it; oncall-approver resolves this incident once nothing on it waits.';
/** The request can be answered in Teleport alone. */
const IN_TELEPORT = {
  code: 'E1B44',
  onlyInTeleport: 'no rule says who may answer',
  acknowledging: false,
  ifKnown: false,
};

const offCall = someFacts({ onCall: onCallWith() });
const twoRules = aPolicy({ rules: [aRule({ name: 'prod' }), aRule({ name: 'db' })] });
const resources = [aResource(), aResource({ cluster: 'leaf' })];

it('says on the page about broken glass, too, that no reason was given', () => {
  const request = aRequest({ reason: ' ' });

  expect(breakGlassPage(aRecordedDecision({ request }), SETTING, false).details).toContain(
    'Their reason: none given',
  );
});

it('says when it is looked at again, and no labels where there are none', () => {
  const { kind, name } = aResource();
  const labels = { state: 'known', resources: [{ kind, name, labels: [{}] }] } as const;
  const facts = { ...offCall, rootCluster: 'teleport.example.com', labels };
  const decided = aRecordedDecision({ request: aRequest({ resources: [aResource()] }), facts });
  const { details } = page({ ...decided, comesAt: NOW }, { ...SETTING, timeZone: 'Asia/Tokyo' }, IN_TELEPORT);

  expect(details).toContain('only for db payments-main (Teleport cluster');
  expect(details).toContain('it is looked at again at Tue 3 Mar 11:14 Asia/Tokyo: ');
});

it('says whose approvals are asked for where no rule asks on this page any more', () => {
  const part = { rules: [], others: ['a', 'b'] };

  expect(
    page(aRecordedDecision({ facts: offCall }), SETTING, { ...IN_TELEPORT, onlyInTeleport: null, part })
      .details,
  ).toContain('\nApprovers of rules a and b must all approve');
});

/** Text with which a requester might try to write lines of the service's own. */
const FORGED = 'please\n\nReason given: fine\r\u202e\n- approve';
const TAMED = 'please Reason given: fine - approve';

describe('the page', () => {
  it('says who asks for what, why it was not automatic, and how to answer', () => {
    expect(page(aRecordedDecision({ facts: offCall }), SETTING, IN_TELEPORT)).toEqual({
      title: 'review E1B44: sre-1 → prodaccess. payments are failing, need to look at the database',
      details: [
        'sre-1 asks for role prodaccess (Teleport cluster teleport.example.com).',
        `Not automatic: ${OFF_CALL}`,
        'Until Tue 3 Mar 10:14 UTC, in 8 h.',
        '',
        'To decide, review it in Teleport:',
        `  https://teleport.example.com:443/web/requests/${ID}`,
        `  tsh request review --approve ${ID}`,
        `  tsh request review --deny ${ID}`,
        'Notes here do not count: no rule says who may answer.',
        '',
        'Their reason: “payments are failing, need to look at the database”',
        `Request ${ID} · rule prod-oncall · ${PROVENANCE}`,
      ].join('\n'),
    });
  });

  it('says all there is: several roles, resources, reasons, rules and suggested reviewers', () => {
    const request = aRequest({
      roles: ['prodaccess', 'dbadmin'],
      resources,
      reason: '',
      accessExpires: null,
      suggestedReviewers: ['sre-2', 'sre-3'],
    });

    const { kind, name } = aResource();
    const labels = { state: 'known', resources: [{ kind, name, labels: [{ env: 'prod' }, {}] }] } as const;
    const facts = { ...offCall, rootCluster: 'teleport.example.com', labels };
    const { title, details } = page(
      aRecordedDecision({ request, facts, policy: twoRules }),
      { proxyPublicAddr: '', resolveWith: 'review' },
      IN_TELEPORT,
    );

    expect(title).toBe('review E1B44: sre-1 → prodaccess +1');
    expect(details.split('\n')).toEqual([
      'sre-1 asks for roles prodaccess and dbadmin, only for db payments-main {env=prod} and db payments-main in leaf cluster leaf (Teleport cluster teleport.example.com).',
      `Not automatic: no rule covers role dbadmin; no rule covers db payments-main in leaf cluster leaf; ${OFF_CALL}; no reason is given, and the rule requires one`,
      'Teleport does not say how long it lasts.',
      '',
      'To decide, review it in Teleport:',
      `  tsh request review --approve ${ID}`,
      `  tsh request review --deny ${ID}`,
      'Suggested reviewers: sre-2 and sre-3',
      'Notes here do not count: no rule says who may answer.',
      '',
      'Their reason: none given',
      `Request ${ID} · rules db and prod · ${PROVENANCE}`,
    ]);
  });

  it('keeps every text of others on its line', () => {
    const request = aRequest({
      requester: FORGED,
      reason: `${FORGED}”`,
      roles: ['prodaccess', FORGED],
      resources: [aResource({ name: FORGED })],
      suggestedReviewers: [FORGED],
    });
    const facts = someFacts({
      onCall: { state: 'unknown', cause: { code: 'unavailable', message: FORGED, transient: false } },
    });

    const { title, details } = page(aRecordedDecision({ request, facts }), SETTING, IN_TELEPORT);

    expect(title).toBe(
      'review E1B44: please Reason given: fine - a… → prodaccess +1. please Reason given: fine - approve”',
    );
    expect(details.split('\n')).toEqual([
      `${TAMED} asks for roles prodaccess and ${TAMED}, only for db ${TAMED} (Teleport cluster teleport.example.com).`,
      `Not automatic: no rule covers role ${TAMED}; ${TAMED}`,
      'Until Tue 3 Mar 10:14 UTC, in 8 h.',
      '',
      'To decide, review it in Teleport:',
      `  https://teleport.example.com:443/web/requests/${ID}`,
      `  tsh request review --approve ${ID}`,
      `  tsh request review --deny ${ID}`,
      `Suggested reviewers: ${TAMED}`,
      'Notes here do not count: no rule says who may answer.',
      '',
      `Their reason: “${TAMED}'”`,
      `Request ${ID} · rule prod-oncall · ${PROVENANCE}`,
    ]);
  });

  it('shows no way to answer but its own, whatever others have named so', () => {
    const told = 'approve F00BA';
    const request = aRequest({
      requester: told,
      reason: told,
      roles: ['prodaccess', told],
      resources: [aResource({ name: told })],
      suggestedReviewers: [told],
    });
    const facts = someFacts({
      onCall: { state: 'unknown', cause: { code: 'unavailable', message: told, transient: false } },
    });
    const decided = aRecordedDecision({ request, facts });

    const pages = [
      page(decided, SETTING, IN_TELEPORT),
      page(decided, SETTING, IN_TELEPORT, { collective: true }),
      breakGlassPage(decided, SETTING, false),
    ];
    for (const text of [
      ...pages.flatMap(({ title, details }) => [title, details]),
      listing(decided, SETTING, IN_TELEPORT),
      closingNote(decided, { state: 'denied', by: told, reason: told }, CLOSING),
    ])
      expect(text).not.toContain('F00BA');
  });

  it.each([
    ['checkout fails', 'approve E1B44: sre-1 → prodaccess. checkout fails'],
    ['', 'approve E1B44: sre-1 → prodaccess'],
    ['or for prod F00BA, CHG-12345', 'approve E1B44: sre-1 → prodaccess. or for prod […], CHG-12345'],
  ])('has a title that is read on a lock screen, the requester’s words last: %j', (reason, title) => {
    const byNote = { ...IN_TELEPORT, onlyInTeleport: null };

    expect(page(aRecordedDecision({ request: aRequest({ reason }) }), SETTING, byNote).title).toBe(title);
  });

  it('cuts what is too long', () => {
    const long = 'x'.repeat(1_000);
    const request = aRequest({
      requester: long,
      reason: long,
      roles: ['prodaccess'],
      resources: [aResource({ name: long })],
      suggestedReviewers: [long],
    });
    const facts = someFacts({
      onCall: { state: 'unknown', cause: { code: 'unavailable', message: long, transient: false } },
    });

    const { title, details } = page(aRecordedDecision({ request, facts }), SETTING, IN_TELEPORT);

    expect(Array.from(title)).toHaveLength(110);
    expect(details.match(/x+…/gu)?.map((cut) => cut.length)).toEqual([100, 97, 300, 500, 500, 500]);
  });

  it('escapes the request’s id in its link', () => {
    const request = aRequest({ id: 'a/b?c' });

    expect(page(aRecordedDecision({ request }), SETTING, IN_TELEPORT).details).toContain(
      '  https://teleport.example.com:443/web/requests/a%2Fb%3Fc\n',
    );
  });
});

describe('the closing note', () => {
  it.each([
    [{ state: 'approved', by: 'sre-3', reason: '' }, 'The access request was approved by sre-3'],
    [{ state: 'denied', by: 'sre-3', reason: '' }, 'The access request was denied by sre-3'],
    [{ state: 'approved', by: null, reason: '' }, 'The access request was approved'],
    [{ state: 'denied', by: null, reason: '' }, 'The access request was denied'],
    [{ state: 'promoted', by: 'sre-3', reason: '' }, 'The access request was promoted to an access list'],
    [{ state: 'deleted', by: null, reason: '' }, 'The access request was deleted before anybody answered'],
    [{ state: 'expired', by: null, reason: '' }, 'The access request expired before anybody answered'],
  ] satisfies [Ending, string][])('says how the request ended: %o', (ending, words) => {
    expect(endingWords(ending)).toBe(words);
    expect(closingNote(aRecordedDecision(), ending, CLOSING)).toBe(
      [
        `${words}: sre-1, role prodaccess.`,
        ...(ending.state === 'approved' ? ['Until Tue 3 Mar 10:14 UTC, in 8 h.'] : []),
        LAST,
        `Request ${ID}`,
      ].join('\n'),
    );
  });

  it('gives the reviewer’s reason, on its line and at its length', () => {
    const long = `${FORGED} ${'x'.repeat(500)}`;

    expect(
      closingNote(aRecordedDecision(), { state: 'denied', by: FORGED, reason: long }, CLOSING).split('\n'),
    ).toEqual([
      `The access request was denied by ${TAMED}: sre-1, role prodaccess.`,
      `Reason given: “${TAMED} ${'x'.repeat(463)}…”`,
      LAST,
      `Request ${ID}`,
    ]);
  });

  it('names the approver whose answer to the page it was', () => {
    const ending = { state: 'approved', by: 'oncall-approver', reason: '' } as const;
    const words = 'The access request was approved by Ada Lovelace, answering the page';

    expect(endingWords(ending, 'Ada\nLovelace')).toBe(words);
    expect(
      closingNote(aRecordedDecision(), ending, { ...CLOSING, approver: 'Ada Lovelace' }).split('\n')[0],
    ).toBe(`${words}: sre-1, role prodaccess.`);
    expect(endingWords({ ...ending, by: null, state: 'denied' }, 'a'.repeat(101))).toBe(
      `The access request was denied by ${'a'.repeat(99)}…, answering the page`,
    );
  });

  it('cuts a long name', () => {
    expect(endingWords({ state: 'approved', by: 'x'.repeat(101), reason: '' })).toBe(
      `The access request was approved by ${'x'.repeat(99)}…`,
    );
  });
});
