import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import {
  liveNote,
  progressNote,
  refusalNote,
  reminderNote,
  shiftEndNote,
  unansweredNote,
} from '../../../src/core/wording/notes.ts';
import { breakGlassPage, page, type HowToAnswer } from '../../../src/core/wording/pages.ts';
import { noteMarker } from '../../../src/core/wording/phrases.ts';
import { lockMessage, reviewReason, onBehalfReason } from '../../../src/core/wording/reviews.ts';
import {
  aCause,
  anAnswer,
  anAnswered,
  anOnCallRow,
  anOpenIncident,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  SAM,
  someFacts,
  TAYLOR,
  SILENT,
} from '../../support/builders.ts';

const ID = '0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44';
const PROVENANCE = 'oncall-approver decision 0194f8a2-7e90-7c11-8f3d-2b6d9a4c0e57 digest 9f2b6c1d40e7';
const SETTING = { proxyPublicAddr: '', resolveWith: 'review' } as const;
const REASON = 'Their reason: “payments are failing, need to look at the database”';
const FORGED = 'yes\n\nRequest 1\r\u202e”';
const offCall = () => aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) });
const broken = () =>
  aRecordedDecision({
    facts: someFacts({ onCall: { state: 'unknown', cause: aCause() }, silence: SILENT }),
    policy: aPolicy({ rules: [aRule(), aRule({ name: 'glass', breakGlass: true })] }),
  });

describe('how the page says to answer', () => {
  const lines = (how: Partial<HowToAnswer> = {}) =>
    page(offCall(), SETTING, {
      code: 'E1B44',
      onlyInTeleport: null,
      acknowledging: false,
      ifKnown: false,
      ...how,
    }).details.split('\n');
  const inTeleport = [`  tsh request review --approve ${ID}`, `  tsh request review --deny ${ID}`];
  const last = ['', REASON, `Request ${ID} · rule prod-oncall · ${PROVENANCE}`];

  it('is by a note that names the request, or in Teleport', () => {
    expect(lines().slice(4)).toEqual([
      'To decide, add a note to this incident:',
      '  approve E1B44',
      '  deny E1B44 and why',
      'Only the answer of who is on call for it counts, and nobody answers their own request.',
      '',
      'Or review it in Teleport:',
      ...inTeleport,
      ...last,
    ]);
  });

  it('is also by acknowledging, where that approves', () => {
    expect(lines({ acknowledging: true })).toEqual(
      lines().toSpliced(7, 0, 'or acknowledge it, which approves the request.'),
    );
  });

  it('says of whom it counts, where it is not known who the requester is', () => {
    expect(lines({ ifKnown: true })).toEqual(
      lines().toSpliced(
        8,
        0,
        'It is not known here who sre-1 is in PagerDuty: your note counts only if it is known who you are in Teleport.',
      ),
    );
  });

  it('names who may set states in Teleport Community, which knows no reviews', () => {
    const community = { proxyPublicAddr: 'teleport.example.com:443', resolveWith: 'state' } as const;
    const how = { code: 'E1B44', onlyInTeleport: 'no', acknowledging: false, ifKnown: false };

    expect(page(offCall(), community, how).details.split('\n').slice(4)).toEqual([
      'To decide, set its state in Teleport, if your role there may update access requests, and the request is not your own:',
      `  tctl requests approve ${ID}`,
      `  tctl requests deny ${ID}`,
      'Notes here do not count: no.',
      ...last,
    ]);
  });

  it('is in Teleport alone, where no note will do', () => {
    expect(lines({ onlyInTeleport: 'no rule covers role dbadmin', acknowledging: true }).slice(4)).toEqual([
      'To decide, review it in Teleport:',
      ...inTeleport,
      'Notes here do not count: no rule covers role dbadmin.',
      ...last,
    ]);
  });
});

describe('broken glass', () => {
  const why =
    'BREAK GLASS by rule glass: PagerDuty has been silent for 2 min, asked 9 times and a reason is given; must be looked at afterwards';

  it('is paged as what was done, and how to end it', () => {
    expect(breakGlassPage(broken(), SETTING, false)).toEqual({
      title: 'BREAK GLASS: sre-1 was given prodaccess',
      details: [
        'sre-1 was given role prodaccess (Teleport cluster teleport.example.com).',
        `Approved without anybody on call: ${why}`,
        'Until Tue 3 Mar 10:14 UTC, in 8 h.',
        '',
        'Look at it now: was it needed? What was done with it is in Teleport’s audit log.',
        'To end the access, write here: revoke E1B44',
        `or: tctl lock --access-request=${ID} --message="break glass was not needed"`,
        'Resolve this incident once it has been looked at.',
        '',
        REASON,
        `Request ${ID} · rule glass · ${PROVENANCE}`,
      ].join('\n'),
    });
  });

  it('is paged with how to review it, where Teleport asks for more than one approval', () => {
    expect(
      breakGlassPage(broken(), { proxyPublicAddr: 'teleport.example.com:443', resolveWith: 'review' }, true),
    ).toEqual({
      title: 'BREAK GLASS: sre-1 asks for prodaccess',
      details: [
        'sre-1 asks for role prodaccess (Teleport cluster teleport.example.com).',
        `Approved without anybody on call, but Teleport asks for more than one approval: ${why}`,
        'Until Tue 3 Mar 10:14 UTC, in 8 h.',
        '',
        'To decide, review it in Teleport:',
        `  https://teleport.example.com:443/web/requests/${ID}`,
        `  tsh request review --approve ${ID}`,
        `  tsh request review --deny ${ID}`,
        'Look at it now: was it needed? What was done with it is in Teleport’s audit log.',
        'To end the access, write here: revoke E1B44',
        `or: tctl lock --access-request=${ID} --message="break glass was not needed"`,
        'Resolve this incident once it has been looked at.',
        '',
        REASON,
        `Request ${ID} · rule glass · ${PROVENANCE}`,
      ].join('\n'),
    });
  });

  it('is the reason of the review, and stands first in the note', () => {
    expect(reviewReason(broken())).toBe(`${why} · rule glass · ${PROVENANCE}`);
    expect(liveNote(broken()).split('\n').slice(0, 2)).toEqual([
      'BREAK GLASS: sre-1 may use role prodaccess until 2026-03-03T10:14:07.000Z.',
      `Why: ${why} (rule glass).`,
    ]);
  });
});

it('the reason of an approval for who was asked to help names the incident, who asked, and their row', () => {
  const title = 'payments\nare failing';
  const responders = [{ user: SAM, state: 'joined', requester: TAYLOR }];
  const facts = someFacts({
    onCall: onCallWith(),
    incidents: { state: 'known', incidents: [anOpenIncident({ title, responders })] },
    helped: onCallWith(anOnCallRow({ user: TAYLOR })),
  });
  const policy = aPolicy({ rules: [aRule({ responders: true })] });

  expect(reviewReason(aRecordedDecision({ facts, policy }))).toBe(
    `Sam One (trait \`email\`) is asked to help with incident payments are failing by Taylor Two, who is on call for service Payments API (schedule Payments primary, policy Payments, level 1, until 2026-03-08T00:00:00Z) · rule prod-oncall · ${PROVENANCE}`,
  );
});

describe('the reason of a vote', () => {
  const why = 'Taylor Two was on call for the approvers of prod-oncall';

  it('names who answered how, when, in which words, and why that counts', () => {
    expect(onBehalfReason(offCall(), anAnswered())).toBe(
      `Approved by Taylor Two by note in PagerDuty incident Q2PAGE at 2026-03-03T02:15:07.000Z: “go ahead” · ${why} · ${PROVENANCE}`,
    );
  });

  it('is that of a denial, or of an acknowledgement without words', () => {
    const denial = anAnswered({ answer: anAnswer({ propose: 'denied', reason: FORGED }) });
    const acknowledged = anAnswered({ answer: anAnswer({ how: 'acknowledge', reason: '' }) });

    expect(onBehalfReason(offCall(), denial)).toBe(
      `Denied by Taylor Two by note in PagerDuty incident Q2PAGE at 2026-03-03T02:15:07.000Z: “yes Request 1 '” · ${why} · ${PROVENANCE}`,
    );
    expect(onBehalfReason(offCall(), acknowledged)).toBe(
      `Approved by Taylor Two by acknowledging in PagerDuty incident Q2PAGE at 2026-03-03T02:15:07.000Z · ${why} · ${PROVENANCE}`,
    );
  });

  it('keeps the decision readable, and cuts names and words', () => {
    const by = { ...anAnswer().by, name: 'n'.repeat(200) };
    const reason = onBehalfReason(
      offCall(),
      anAnswered({ why: 'y'.repeat(900), answer: anAnswer({ by, reason: 'w'.repeat(900) }) }),
    );

    expect(Array.from(reason)).toHaveLength(1_000);
    expect(reason.match(/n+…|w+…/gu)?.map((cut) => cut.length)).toEqual([100, 500]);
    expect(reason.endsWith(`… · ${PROVENANCE}`)).toBe(true);
  });
});

describe('a note on the page', () => {
  const vote = { propose: 'approved', approver: { name: 'Taylor\nTwo' } } as const;
  const outcome = { summary: 'voted', ours: true, incidentId: null, url: null };
  const TELEPORT = { proxyPublicAddr: 'teleport.example.com:443', resolveWith: 'review' } as const;
  const thresholds = (approve: number) => [{ name: 'default', filter: '', approve, deny: 1 }];
  const needing = (...needed: readonly number[]) =>
    aRecordedDecision({ request: aRequest({ thresholds: needed.flatMap(thresholds) }) });

  it('says that a vote was given, and how many Teleport asks for where one is not enough', () => {
    expect(progressNote(needing(1), vote, outcome, TELEPORT)).toBe(
      'Approval of Taylor Two is given in Teleport.',
    );
    expect(progressNote(needing(), vote, outcome, TELEPORT)).toBe(
      'Approval of Taylor Two is given in Teleport.',
    );
    expect(progressNote(needing(1), { ...vote, propose: 'denied' }, outcome, TELEPORT)).toBe(
      'Denial of Taylor Two is given in Teleport.',
    );
    expect(progressNote(needing(3, 2), vote, outcome, TELEPORT)).toBe(
      'Approval of Taylor Two is given in Teleport. Teleport asks for 3 approvals; the page stays open until the request is settled.',
    );
    const partial = { ...outcome, stillPending: true, given: 1 };
    for (const told of [
      { ...partial, stillPending: false },
      { ...outcome, stillPending: true },
    ])
      expect(progressNote(needing(3, 2), vote, told, TELEPORT)).toContain(' Teleport asks for 3 approvals;');
    expect(progressNote(needing(3, 2), vote, partial, TELEPORT)).toBe(
      'Approval of Taylor Two is given in Teleport: 1 of 3 approvals given. The page stays open until the request is settled.',
    );
    expect(progressNote(needing(3, 2), vote, { ...partial, given: 3 }, TELEPORT)).toContain(
      ': 3 approvals given, and Teleport asks for more.',
    );
  });

  it('says that a vote was not taken, and why', () => {
    expect(
      progressNote(needing(2), vote, { ...outcome, ours: false, summary: 'already\nreviewed' }, TELEPORT),
    ).toBe('The answer of Taylor Two was not taken: already reviewed.');
  });

  it('asks the approver to review it themselves where nobody can do that for them', () => {
    const turnedDown = { ...outcome, ours: false, summary: 'no', reviewYourself: true };

    expect(progressNote(needing(2), vote, turnedDown, TELEPORT)).toBe(
      `The answer of Taylor Two was not taken: no. Please review it in Teleport yourself: https://teleport.example.com:443/web/requests/${aRequest().id}`,
    );
    expect(
      progressNote(needing(2), { ...vote, propose: 'denied' }, turnedDown, {
        proxyPublicAddr: '',
        resolveWith: 'review',
      }),
    ).toBe(
      `The answer of Taylor Two was not taken: no. Please review it in Teleport yourself: tsh request review --deny ${aRequest().id}`,
    );
    expect(progressNote(needing(2), vote, turnedDown, { ...TELEPORT, resolveWith: 'state' })).toMatch(
      / yourself: tctl requests approve \S+$/u,
    );
  });

  it('says why an answer does not count', () => {
    const why = 'only a person can answer';
    const name = 'n'.repeat(200);

    expect(refusalNote(anAnswered({ why }))).toBe(
      'The note of Taylor Two is not taken for an answer: only a person can answer.',
    );
    expect(
      refusalNote(
        anAnswered({
          why: 'y'.repeat(900),
          answer: anAnswer({ how: 'acknowledge', by: { id: 'P', name, isUser: true } }),
        }),
      ),
    ).toBe(`The acknowledgement of ${'n'.repeat(99)}… is not taken for an answer: ${'y'.repeat(499)}….`);
  });

  it('says how long there was no answer, or that there was none', () => {
    expect(reminderNote(15 * MINUTE)).toBe('Still waiting for an answer, for 15 min now.');
    expect(unansweredNote(offCall())).toBe(
      `This incident was resolved without an answer: the access request ${ID} is still pending in Teleport.`,
    );
    expect(reminderNote(15 * MINUTE, '1 of 2 approvals given')).toBe(
      '1 of 2 approvals given: still waiting for another answer, for 15 min now.',
    );
    expect(unansweredNote(offCall(), '1 of 2 approvals given')).toBe(
      `This incident was resolved before it was settled (1 of 2 approvals given): the access request ${ID} is still pending in Teleport.`,
    );
  });

  it('says when access ends with the shift', () => {
    expect(shiftEndNote(aRecordedDecision(), plusMs(NOW, HOUR))).toBe(
      'The access of sre-1 to role prodaccess ends with the shift, at 2026-03-03T03:14:07.000Z, unless the shift goes on.',
    );
  });

  it('says when access ends with the incident', () => {
    expect(shiftEndNote(aRecordedDecision(), plusMs(NOW, HOUR), true)).toBe(
      'The access of sre-1 to role prodaccess ends at 2026-03-03T03:14:07.000Z, unless the work goes on: an incident by which it was given is open again.',
    );
  });

  it('is found by the decision and its own key', () => {
    expect(noteMarker(offCall(), 'reminder 1')).toBe(`${PROVENANCE} (reminder 1)`);
  });
});

it('the message of a lock says why the access ended, and names the decision', () => {
  expect(lockMessage(aRecordedDecision(), 'with the shift: Sam One is not on call')).toBe(
    `Access ended with the shift: Sam One is not on call · ${PROVENANCE}`,
  );
});
