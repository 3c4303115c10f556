import { expect, it } from 'vitest';
import type { AccessRequest } from '../../../src/core/access-request.ts';
import type { Facts } from '../../../src/core/facts.ts';
import type { Ending, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import { HOUR, MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import {
  closingNote,
  endingWords,
  liveNote,
  progressNote,
  refusalNote,
  reminderNote,
  shiftEndNote,
  unansweredNote,
} from '../../../src/core/wording/notes.ts';
import { breakGlassPage, page, type HowToAnswer } from '../../../src/core/wording/pages.ts';
import { noteMarker, reasonsInWords } from '../../../src/core/wording/phrases.ts';
import { lockMessage, onBehalfReason, reviewReason } from '../../../src/core/wording/reviews.ts';
import {
  aCause,
  anAnswer,
  anAnswered,
  anOnCallRow,
  anOpenIncident,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aResource,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  recognised,
  SAM,
  SILENT,
  someFacts,
  someRequirements,
  someTargets,
  TAYLOR,
} from '../../support/builders.ts';

const WITH_LINK = { proxyPublicAddr: 'teleport.example.com:443', resolveWith: 'review' } as const;
const PLAIN = { proxyPublicAddr: '', resolveWith: 'review' } as const;
const COMMUNITY = { ...WITH_LINK, resolveWith: 'state' } as const;
/** Text with which a requester might try to write lines of the service's own. */
const FORGED = 'please\n\nReason given: fine\r\u202e\n- approve';
const IN_TELEPORT = 'no rule says who may answer';
const byNote: HowToAnswer = { code: 'E1B44', onlyInTeleport: null, acknowledging: false, ifKnown: false };
const offCall = someFacts({ onCall: onCallWith() });
const escalated = (request: Partial<AccessRequest> = {}, facts: Facts = offCall) =>
  aRecordedDecision({ request: aRequest(request), facts });
const unknown = (message: string) =>
  someFacts({ onCall: { state: 'unknown', cause: { code: 'unavailable', message, transient: false } } });
const broken = aRecordedDecision({
  facts: someFacts({ onCall: { state: 'unknown', cause: aCause() }, silence: SILENT }),
  policy: aPolicy({ rules: [aRule(), aRule({ name: 'glass', breakGlass: true })] }),
});
const twoRules = aPolicy({ rules: [aRule({ name: 'prod' }), aRule({ name: 'db' })] });
const allRoles = aPolicy({ rules: [aRule({ roles: ['*'] })] });
const { kind, name } = aResource();
const labelled = (...labels: readonly Record<string, string>[]): Facts => ({
  ...offCall,
  labels: { state: 'known', resources: [{ kind, name, labels }] },
});
type Where = Parameters<typeof page>[1];
const whole = ({ title, details }: { readonly title: string; readonly details: string }) =>
  `${title}\n\n${details}`;
const paged = (how: Partial<HowToAnswer>, decided = escalated(), where: Where = PLAIN) =>
  whole(page(decided, where, { ...byNote, ...how }));
const inTeleport = (decided: RecordedDecision, where: Where = WITH_LINK) =>
  paged({ onlyInTeleport: IN_TELEPORT }, decided, where);
const closing = (ending: Ending, more: { readonly approver?: string } = {}) =>
  closingNote(aRecordedDecision(), ending, { where: WITH_LINK, now: NOW, ...more });
const review = (of: Parameters<typeof aRecordedDecision>[0]) => reviewReason(aRecordedDecision(of));
const live = (of: Parameters<typeof aRecordedDecision>[0]) => liveNote(aRecordedDecision(of));
const long = (letter: string) => letter.repeat(200);

const vote = { propose: 'approved', approver: { name: 'Taylor\nTwo' } } as const;
const given = { summary: 'voted', ours: true, incidentId: null, url: null };
const needing = (...needed: readonly number[]) => {
  const thresholds = needed.map((approve) => ({ name: 'default', filter: '', approve, deny: 1 }));
  return aRecordedDecision({ request: aRequest({ thresholds }) });
};
const progress = (needed: readonly number[], came: object = {}, of: object = {}, where: Where = WITH_LINK) =>
  progressNote(needing(...needed), { ...vote, ...of }, { ...given, ...came }, where);
const turnedDown = { ours: false, summary: 'no', reviewYourself: true };

/** Put together when the test runs: what is made while its file is loaded no mutant changes. */
const texts = (): Readonly<Record<string, readonly (readonly [string, string])[]>> => ({
  'a page': [
    ['is answered by a note that names the request, or in Teleport', paged({})],
    ['is answered by acknowledging, too', paged({ acknowledging: true })],
    ['counts for whom is known in Teleport', paged({ ifKnown: true })],
    ['is answered in Teleport alone', inTeleport(escalated())],
    ['is answered by who may set states, on Community', inTeleport(escalated(), COMMUNITY)],
    ['is not offered to be acknowledged then', paged({ onlyInTeleport: IN_TELEPORT, acknowledging: true })],
    ['shows the ways of an id that wants escaping', inTeleport(escalated({ id: 'a/b?c' }))],
    ['has no title but the role without a reason', paged({}, escalated({ reason: '' }))],
    ['has no code of others in it', paged({}, escalated({ reason: 'or for prod F00BA, CHG-12345' }))],
    [
      'says all there is',
      inTeleport(
        aRecordedDecision({
          request: aRequest({
            roles: ['prodaccess', 'dbadmin'],
            resources: [aResource(), aResource({ cluster: 'leaf' })],
            ...{ reason: '', accessExpires: null, suggestedReviewers: ['sre-2', 'sre-3'] },
          }),
          facts: labelled({ env: 'prod' }, {}),
          policy: twoRules,
        }),
        PLAIN,
      ),
    ],
    [
      'keeps every text of others on its line',
      inTeleport(
        escalated(
          {
            ...{ requester: FORGED, reason: `${FORGED}”`, roles: ['prodaccess', FORGED] },
            ...{ resources: [aResource({ name: FORGED })], suggestedReviewers: [FORGED] },
          },
          unknown(FORGED),
        ),
      ),
    ],
    [
      'says when it is looked at again, and no labels where there are none',
      whole(
        page(
          { ...escalated({ resources: [aResource()] }, labelled({})), comesAt: NOW },
          { ...WITH_LINK, timeZone: 'Asia/Tokyo' },
          byNote,
        ),
      ),
    ],
    ['of others says whose approvals are asked for', paged({ part: { rules: [], others: ['a', 'b'] } })],
  ],
  'broken glass': [
    ['is paged as what was done', whole(breakGlassPage(broken, PLAIN, false))],
    ['is paged with how to review it', whole(breakGlassPage(broken, WITH_LINK, true))],
    [
      'is paged without a reason, too',
      whole(breakGlassPage(aRecordedDecision({ request: aRequest({ reason: ' ' }) }), PLAIN, false)),
    ],
    ['is the reason of the review', reviewReason(broken)],
    ['stands first in the note', liveNote(broken)],
  ],
  'a review': [
    ['of who is on call', review({})],
    ['by several rules', review({ policy: twoRules })],
    [
      'by several rows',
      review({
        facts: someFacts({
          targets: [
            aTargetFact(),
            aTargetFact({ kind: 'escalation policy', asked: 'Payments', id: 'PPOLCY1', name: 'Payments' }),
          ],
        }),
        policy: aPolicy({
          rules: [
            aRule({ name: 'a' }),
            aRule({ name: 'b', onCall: someTargets({ services: [], escalationPolicies: ['Payments'] }) }),
          ],
        }),
      }),
    ],
    [
      'of somebody without a name',
      review({ facts: someFacts({ requester: recognised({ name: null, source: 'map' }) }) }),
    ],
    [
      'of somebody who is not on record',
      review({
        facts: someFacts({ requester: { state: 'unrecognised', why: 'no such user' } }),
        decision: aRecordedDecision().decision,
      }),
    ],
    [
      'that denies',
      review({
        request: aRequest({ reason: '' }),
        facts: offCall,
        policy: aPolicy({ rules: [aRule({ otherwise: 'deny' })] }),
      }),
    ],
    [
      'of who is on call without end',
      review({ facts: someFacts({ onCall: onCallWith(anOnCallRow({ end: null })) }) }),
    ],
    [
      'of who was asked to help',
      review({
        facts: someFacts({
          onCall: onCallWith(),
          incidents: {
            state: 'known',
            incidents: [
              anOpenIncident({
                title: 'payments\nare failing',
                responders: [{ user: SAM, state: 'joined', requester: TAYLOR }],
              }),
            ],
          },
          helped: onCallWith(anOnCallRow({ user: TAYLOR })),
        }),
        policy: aPolicy({ rules: [aRule({ responders: true })] }),
      }),
    ],
    ['by an answer', onBehalfReason(escalated(), anAnswered())],
    [
      'by a denial',
      onBehalfReason(escalated(), anAnswered({ answer: anAnswer({ propose: 'denied', reason: FORGED }) })),
    ],
    [
      'by an acknowledgement',
      onBehalfReason(escalated(), anAnswered({ answer: anAnswer({ how: 'acknowledge', reason: '' }) })),
    ],
    ['is followed by a lock', lockMessage(aRecordedDecision(), 'with the shift: Sam One is not on call')],
  ],
  'the reasons of a decision': [
    ['that asks people', reasonsInWords(escalated({ reason: '' }))],
    ['that approves', reasonsInWords(aRecordedDecision())],
  ],
  'the note on a live incident': [
    ['says who may use what until when, why, and what for', live({})],
    [
      'leaves out what is not known',
      live({
        request: aRequest({ reason: '', accessExpires: null, roles: ['prodaccess', 'dbadmin'] }),
        policy: aPolicy({ rules: [aRule({ roles: ['*'], require: someRequirements({ reason: false }) })] }),
      }),
    ],
    [
      'keeps every text of others on its line',
      live({
        request: aRequest({ requester: FORGED, reason: FORGED, roles: [FORGED] }),
        facts: someFacts({ requester: recognised({ name: FORGED }) }),
        policy: allRoles,
      }),
    ],
    [
      'cuts a long reason and long names',
      live({
        request: aRequest({ requester: long('r'), reason: 'w'.repeat(4_096), roles: [long('p')] }),
        facts: someFacts({ requester: recognised({ name: 'n'.repeat(600) }) }),
        policy: allRoles,
      }),
    ],
  ],
  'a note on a page': [
    ['of a vote', progress([1])],
    ['of a vote where no threshold is told', progress([])],
    ['of a denial', progress([1], {}, { propose: 'denied' })],
    ['of one of three', progress([3, 2])],
    ['of the last of them', progress([3, 2], { stillPending: false, given: 1 })],
    ['of how many is not told', progress([3, 2], { stillPending: true })],
    ['of how many are given', progress([3, 2], { stillPending: true, given: 1 })],
    ['of three that are not enough', progress([3, 2], { stillPending: true, given: 3 })],
    ['of a vote that was not taken', progress([2], { ours: false, summary: 'already\nreviewed' })],
    ['of one to be given by oneself', progress([2], turnedDown)],
    ['of one without a link', progress([2], turnedDown, { propose: 'denied' }, PLAIN)],
    ['of one on Community', progress([2], turnedDown, {}, COMMUNITY)],
    ['of an answer that does not count', refusalNote(anAnswered({ why: 'only a person can answer' }))],
    [
      'of a long one',
      refusalNote(
        anAnswered({
          why: 'y'.repeat(900),
          answer: anAnswer({ how: 'acknowledge', by: { id: 'P', name: long('n'), isUser: true } }),
        }),
      ),
    ],
    ['of silence', reminderNote(15 * MINUTE)],
    ['of silence after an approval', reminderNote(15 * MINUTE, '1 of 2 approvals given')],
    ['of a page that was resolved', unansweredNote(escalated())],
    ['of one resolved after an approval', unansweredNote(escalated(), '1 of 2 approvals given')],
    ['of the end of a shift', shiftEndNote(aRecordedDecision(), plusMs(NOW, HOUR))],
    ['of the end of an incident', shiftEndNote(aRecordedDecision(), plusMs(NOW, HOUR), true)],
    ['has a mark of its own', noteMarker(escalated(), 'reminder 1')],
  ],
  'the closing note': [
    ...(['approved', 'denied'] as const).flatMap((state) => [
      [`${state} by somebody`, closing({ state, by: 'sre-3', reason: '' })] as const,
      [`${state} by nobody`, closing({ state, by: null, reason: '' })] as const,
    ]),
    ['promoted', closing({ state: 'promoted', by: 'sre-3', reason: '' })],
    ['deleted', closing({ state: 'deleted', by: null, reason: '' })],
    ['expired', closing({ state: 'expired', by: null, reason: '' })],
    ['with a reason', closing({ state: 'denied', by: FORGED, reason: `${FORGED} ${'x'.repeat(500)}` })],
    [
      'by an answer',
      closing({ state: 'approved', by: 'oncall-approver', reason: '' }, { approver: 'Ada\nLovelace' }),
    ],
    ['by a long name’s answer', endingWords({ state: 'denied', by: null, reason: '' }, long('a'))],
    ['by a long name', endingWords({ state: 'approved', by: long('x'), reason: '' })],
  ],
});

it('what people read is what was approved', async () => {
  const shown = Object.entries(texts()).flatMap(([what, each]) =>
    each.map(([which, text]) => `# ${what} ${which}\n${text}\n`),
  );

  await expect(shown.join('\n')).toMatchFileSnapshot('texts.approved.txt');
});
