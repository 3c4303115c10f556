import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { UNDERSTOOD } from '../../src/core/answers/judge-answer.ts';
import { NOTES, OTHERS, REQUEST, type Row } from '../core/answers/notes-table.ts';

const FILE = join(import.meta.dirname, '../../docs/answers.md');

const BEGIN = `# Answers to pages

What somebody writes on a page, and what it is taken for. The tables are made from the table that the grammar is tested by
(\`test/core/answers/notes-table.ts\`): change that, then \`npx vitest run test/docs/answers.test.ts --update\`.

A note is an answer if one line of it has one verb and the code of the request, in either order, with nothing but a greeting before them:
\`approve\`, \`deny\` (or \`reject\`), also as \`approved\`, \`denied\`, \`rejected\`. The rest of that line is the reason. One
slip of the keyboard in the verb is read over, and told back in the confirmation; a code is never guessed. Nothing in the whole note may
ask something, take it back, put it off, give it an end, say another verb, or name another request; nor may what follows verb and code tell
what others said or wrote. An approval holds at once, so that a time in it counts only as what was: behind \`since\`, or behind what happened then
(\`failed at 14:02\`). Nor may it say anything in letters other than Latin ones, which are not read here and may say all of this. Nor may its author have
written such words below it before it was heard, with the code or without.
Such a note costs one more, and lets nobody in. A refusal may have conditions, questions and the words of others in its reason. Instead of the code the request's whole id will do.

Whoever may answer and writes something else, or acknowledges a page where that does not approve, gets one reply, which says what was
understood and what to write; each author three on a page at most. A code counts on the pages on which the service has listed its request,
and nowhere else. What an answer is worth, and whose counts, is in [rules by example](rules-by-example.md#who-answers-and-whose-vote-it-is).

After the approval \`revoke\` with the code ends the access at once, by whoever may approve and by the requester; see
[ended before its time](rules-by-example.md#ended-before-its-time). Any other note that names the code is then told so. One that does not is
talk, and gets no word: nobody waits for an answer any more. So it is on an earlier page, that somebody resolved
or merged away: an answer with the code is heard there, a question is not once the next page is open, since it is asked there instead. Before the approval \`revoke\` ends
nothing, also later, and whoever wrote it is told so. Where it is read after the approval it counts if it was written after that for certain: below our
note of it, or by PagerDuty's time a minute after Teleport's time of the review. Else whoever wrote it is told to write it again.

Below, the request of sre-2 has the code \`${REQUEST.code}\`; ${OTHERS.map(({ code }) => `\`${code}\``).join(' and ')} are others on the same page. Line breaks are shown as ⏎, what cannot be seen as \`\\u…\`.
`;

function shown(text: string): string {
  const seen = text
    .replace(/\n/gu, ' ⏎ ')
    .replace(
      /[\p{C}\p{Default_Ignorable_Code_Point}\u00a0\u3000]/gu,
      (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replace(/\|/gu, '\\|');
  const fence = seen.includes('``') ? '````' : seen.includes('`') ? '``' : '`';
  const space = fence === '`' ? '' : ' ';
  return seen === '' ? '(nothing)' : `${fence}${space}${seen}${space}${fence}`;
}

const WORDS = {
  approved: 'approves',
  denied: 'denies',
  revoked: 'ends the access, once it is given',
};
const TOLD = {
  'taken back': 'it says a word that may take it back',
  'wrong code': `it does not name this request: write ${REQUEST.code} after the verb`,
};

function answerRow({ note, means, reason, spelt }: Row): readonly string[] {
  if (!('counts' in means)) return [];
  const more = [
    reason === undefined ? [] : [`reason: ${reason}`],
    spelt === undefined ? [] : [`“${spelt}” is told back`],
  ].flat();
  return [`| ${shown(note)} | ${[WORDS[means.counts], ...more].join('; ')} |`];
}

function refusalRow({ note, means }: Row): readonly string[] {
  if ('counts' in means) return [];
  const { asked } = means;
  const told =
    asked in TOLD
      ? TOLD[asked as keyof typeof TOLD]
      : UNDERSTOOD[asked as keyof typeof UNDERSTOOD](REQUEST.code);
  return [`| ${shown(note)} | ${told} |`];
}

it('docs/answers.md is what the grammar is tested by', async () => {
  const page = [
    BEGIN,
    '## Answers',
    ['| note | what it does |', '| --- | --- |', ...NOTES.flatMap(answerRow)].join('\n'),
    '## No answers',
    ['| note | what its author is told |', '| --- | --- |', ...NOTES.flatMap(refusalRow)].join('\n'),
  ].join('\n\n');

  await expect(
    await format(page, { ...(await resolveConfig(FILE)), parser: 'markdown' }),
  ).toMatchFileSnapshot(FILE);
});
