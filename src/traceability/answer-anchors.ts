import { answerCode } from '../core/answers/answer.ts';
import { parseAnswer } from '../core/answers/grammar.ts';
import type { RecordedAnswer } from '../core/record/ledger-entry.ts';
import type { StoredEntry } from '../ports/ledger-history.ts';
import type { Ask, Incidents } from '../ports/pagerduty.ts';
import { entryOf } from './stored-entry.ts';
import { fault, warning, type Finding } from './finding.ts';

/**
 * Asks PagerDuty for what is behind every answer of a request that counted: the note by its id, its author and its words, or the
 * acknowledgement by who and when. Throws PagerDutyError.
 */
export async function compareAnswers(
  entries: readonly StoredEntry[],
  incidents: Pick<Incidents, 'find' | 'notes' | 'timeline'>,
  ask: Ask,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const stored of entries) {
    const { seq, event } = entryOf(stored);
    if (event.kind !== 'answered' || !event.counted) continue;
    findings.push(...(await behind(event, seq, incidents, ask)));
  }
  return findings;
}

async function behind(
  { answer, requestId }: RecordedAnswer,
  seq: number,
  incidents: Pick<Incidents, 'find' | 'notes' | 'timeline'>,
  ask: Ask,
): Promise<readonly Finding[]> {
  const { id, how, by, at, propose, incidentId } = answer;
  const said = `entry ${seq} says that ${by.id} answered \`${propose}\` to request ${requestId} on incident ${incidentId}`;
  const wrong = (text: string) => [fault('pagerduty', seq, `${said}: ${text}`)];
  if ((await incidents.find(incidentId, ask)) === null) return wrong('PagerDuty has no such incident');
  if (how === 'acknowledge') {
    const timeline = await incidents.timeline(incidentId, ask);
    const was = timeline?.acknowledgements.some((each) => each.by.id === by.id && each.at === at) === true;
    return was ? [] : wrong(`PagerDuty knows of no acknowledgement at ${at}`);
  }
  const note = (await incidents.notes(incidentId, ask)).find((each) => each.id === id);
  if (note === undefined) {
    return wrong(`PagerDuty has no note ${id}: it was removed there since, or was never written`);
  }
  if (note.author.id !== by.id) return wrong(`note ${id} is by ${note.author.id}`);
  const listed = { requestId, code: answer.code ?? answerCode(requestId) };
  const parsed = parseAnswer(note.content, listed);
  const isSame = parsed.propose === propose && parsed.codeIsRight;
  if (isSame && wordsOf(parsed) === wordsOf(answer)) return [];
  const edited = note.updatedAt !== null && note.updatedAt > note.createdAt;
  return edited
    ? [
        warning(
          'pagerduty',
          seq,
          `${said}: note ${id} was edited at ${String(note.updatedAt)}, and says something else now`,
        ),
      ]
    : wrong(`note ${id} says something else`);
}

/** Earlier versions took a dash before the words for a part of them. */
function wordsOf({ reason }: { readonly reason: string }): string {
  return reason.replace(/^[^\p{L}\p{N}]+/u, '');
}
