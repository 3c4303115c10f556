import type { Said } from '../../../src/core/answers/grammar.ts';

/** What a note means on the page of request E1B44; another one, A9C22, is listed on it too. */
type Means =
  | { readonly counts: 'approved' | 'denied' | 'revoked' }
  | { readonly asked: NonNullable<Said['unclear']> | 'taken back' | 'wrong code' };

export interface Row {
  readonly note: string;
  readonly means: Means;
  readonly reason?: string;
  readonly spelt?: string;
}

const counts = (
  kind: 'approved' | 'denied' | 'revoked',
  ...notes: readonly (string | [string, Partial<Row>])[]
) =>
  notes.map((each): Row => {
    const [note, more] = typeof each === 'string' ? [each, {}] : each;
    return { note, means: { counts: kind }, ...more };
  });
const asked = (why: Extract<Means, { asked: unknown }>['asked'], ...notes: readonly string[]) =>
  notes.map((note): Row => ({ note, means: { asked: why } }));

export const REQUEST = { requestId: '0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44', code: 'E1B44' };
export const OTHER = { requestId: '0194f8a2-6c1e-7b3a-9d52-000000a9c224', code: 'A9C22' };
export const TITLE = 'approve E1B44: sre-2 → prodaccess. checkout fails';

export const NOTES: readonly Row[] = [
  ...counts(
    'approved',
    'approve E1B44',
    ['Approve e1b44 she helps me', { reason: 'she helps me' }],
    'approved E1B44',
    ['aprove E1B44', { spelt: 'aprove' }],
    ['Apporve E1B44', { spelt: 'Apporve' }],
    ['spproved E1B44', { spelt: 'spproved' }],
    '/approve E1B44',
    '`approve E1B44`',
    '**approve E1B44**',
    '**approve** `E1B44`',
    'approve `E1B44`',
    'approve "E1B44"',
    'approve “E1B44”',
    'approve <E1B44>',
    'approve #E1B44',
    'approve: E1B44',
    'approve -> E1B44',
    'approve E1B44.',
    ['approve E1B44, fine', { reason: 'fine' }],
    [
      'approve E1B44: see https://tickets.example.com/?id=A9C22',
      { reason: 'see https://tickets.example.com/?id=A9C22' },
    ],
    'approve request E1B44',
    'approve 0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44',
    'E1B44 approve',
    'E1B44: approved',
    'E1B44 is approved',
    'please approve E1B44',
    'Yes, I approve E1B44',
    'ok - approve E1B44',
    '- approve E1B44',
    '<@U024BE7LH> approve E1B44',
    '👍 approve E1B44',
    'approve ✅ E1B44 🚀',
    '\u200bapprove E1B44',
    'approve\u200bE1B44',
    'app\u00adrove\u00a0E1B44\u200d',
    'ＡＰＰＲＯＶＥ　Ｅ１Ｂ４４',
    'looking at it\n\napprove E1B44',
    'APPROVE\nE1B44',
    'approve E1B44\nhere is what I saw: 12 pods restarting',
    '```\napprove E1B44\n```',
    'Resolution Note: approve E1B44',
    'Resolution Note:\napprove E1B44',
  ),
  ...counts(
    'denied',
    ['deny E1B44 not tonight', { reason: 'not tonight' }],
    ['denied E1B44 no ticket', { reason: 'no ticket' }],
    'reject E1B44',
    'E1B44 rejected',
    ['dney E1B44', { spelt: 'dney' }],
    ['deny E1B44, why would you need this?', { reason: 'why would you need this?' }],
    'Resolution Note: deny E1B44',
  ),
  ...counts('revoked', 'revoke E1B44', [
    'revoke E1B44 the freeze has begun',
    { reason: 'the freeze has begun' },
  ]),
  ...asked(
    'no verb',
    'E1B44',
    'ok E1B44',
    'disapprove E1B44',
    'unapprove E1B44',
    'disprove E1B44',
    'approver E1B44',
    'E1B44 lgtm',
    'approval E1B44',
    'a̶p̶p̶r̶o̶v̶e̶ E1B44',
  ),
  ...asked(
    'other words',
    'dis-approve E1B44',
    'un approve E1B44',
    'do not approve E1B44',
    "don't approve E1B44",
    'never approve E1B44',
    'nobody should approve E1B44',
    'to approve E1B44',
    'I will approve E1B44 after lunch',
    'her reason says approve E1B44',
    'she wrote "approve E1B44"',
    '"approve E1B44"',
    '-1 approve E1B44',
    '!approve E1B44',
    '[ ] approve E1B44',
    '~~approve E1B44~~',
    'tsh request review --approve E1B44',
    'approve this one here: E1B44',
    'To let sre-2 in write: approve E1B44',
    'we approve of E1B44',
  ),
  ...asked(
    'taken back',
    'approve E1B44 NOT before Monday',
    'approve E1B44\nno wait, wrong one',
    'not sure yet\napprove E1B44',
    'approve E1B44 nto yet',
    'approve E1B44 once the freeze is over',
    'approve E1B44 unless Robin is back',
    'approve E1B44, or deny E1B44 and why',
    'approve E1B44, actually reject it',
    'approve E1B44 👎',
    '❌ approve E1B44',
    'approve E1B44 ~~now~~',
    'approve E1B44 noch nicht',
    'revoke E1B44 not yet',
    'approve E1B44 don‘t',
    'approve E1B44 from Monday',
    'approve E1B44 as soon as Robin is back',
    'approve E1B44 subject to the freeze',
    'approve E1B44 but read the runbook first',
    'approve E1B44\noops, wrong one',
    'approve E1B44 🤔',
  ),
  ...asked(
    'question',
    'approve E1B44?',
    'should I approve E1B44?',
    'approve E1B44, is that right？',
    'deny E1B44?',
    'why\napprove E1B44 ¿sí?',
  ),
  ...asked(
    'quotation',
    '> approve E1B44',
    '> approve E1B44\n\nfine with me',
    'she asked me to write this:\napprove E1B44',
    '"the page says\napprove E1B44\nat the end"',
    'To decide, add a note to this incident:\n  approve E1B44',
    TITLE,
    'approve E1B44\noncall-approver decision OA-0123456789 digest 0123456789ab (reply PNOTE01)',
    'what I read there\n```\napprove E1B44\n```',
    'From: Sam Oduya\nSubject: access\n\napprove E1B44',
    'see below\n-----Original Message-----\n\napprove E1B44',
    'Sam Oduya  10:32 AM\napprove E1B44',
    'this is what Sam wrote\napprove E1B44',
    'in the chat ‘\napprove E1B44\n’',
    '<blockquote>\napprove E1B44\n</blockquote>',
  ),
  ...asked(
    'several verbs',
    'deny E1B44, approve it tomorrow',
    'denied E1B44\nrevoke it',
    'approved or denied: E1B44',
  ),
  ...asked(
    'several codes',
    'approve E1B44 A9C22',
    'approve E1B44 and 12345',
    'approve E1B44\ndeployed beside C0FFE',
    'deny E1B44\nA9C22 is fine',
    'approve E1B44 for 0194f8a2-6c1e-7b3a-9d52-000000a9c224',
    'approve E1B44\napprove 12345',
  ),
  ...asked(
    'wrong code',
    'approve E1B45',
    'approve EIB44',
    'approve E1844 please',
    'approve XXXXX',
    'deny E1B4',
  ),
  ...asked(
    'no code',
    'approve',
    'approve please',
    'LGTM',
    'ok',
    'yes, go ahead',
    'no',
    '+1',
    'who can approve this',
  ),
  ...asked(
    'talk',
    '',
    'looking at it',
    'seen',
    'https://meet.example.com/E1B44',
    'she is on the phone with me',
  ),
];
