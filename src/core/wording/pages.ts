import type { AccessRequest } from '../access-request.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { harmless, isBlank, listed, quoted } from '../values/words.ts';
import {
  NAME_MAX,
  WORDS_MAX,
  person,
  provenance,
  rolesInWords,
  rulesInWords,
  untilWords,
  webLink,
} from './phrases.ts';

/** How the page may be answered. */
export interface HowToAnswer {
  readonly code: string;
  /** Why only Teleport will do; null where a note is enough. */
  readonly onlyInTeleport: string | null;
  readonly acknowledging: boolean;
}

/** Where requests are reviewed: Teleport's web address, empty where it has none. */
interface Where {
  readonly proxyPublicAddr: string;
}

export interface PageText {
  readonly title: string;
  readonly details: string;
}

/**
 * The page for the on-call approver: who asks for what, why it was not automatic, and how to answer. `soFar`: what was given on an
 * earlier page without settling the request; null for nothing.
 */
export function page(
  decided: RecordedDecision,
  where: Where,
  howToAnswer: HowToAnswer,
  soFar: string | null = null,
): PageText {
  const because =
    decided.decision.verdict === 'approve'
      ? 'Approved automatically, but Teleport asks for more than one approval. Approved because:'
      : 'Not approved automatically, because:';
  const matter = { occasion: 'Access request', deed: 'asks for', because };
  const before = soFar === null ? [] : [`So far: ${soFar}.`, ''];
  return pageText(decided, matter, [...before, ...answerLines(decided, where, howToAnswer)]);
}

/** The page about broken glass: who was let in without anybody on call, and what to look at. `stillPending`: others must approve too. */
export function breakGlassPage(decided: RecordedDecision, where: Where, stillPending: boolean): PageText {
  const occasion = 'BREAK GLASS';
  const alone = 'Approved without anybody on call';
  return stillPending
    ? pageText(
        decided,
        {
          occasion,
          deed: 'asks for',
          because: `${alone}, but Teleport asks for more than one approval. Approved because:`,
        },
        ['To decide, review the request in Teleport:', ...inTeleport(decided, where), ...afterwards(decided)],
      )
    : pageText(decided, { occasion, deed: 'was given', because: `${alone}, because:` }, afterwards(decided));
}

function pageText(
  decided: RecordedDecision,
  matter: { readonly occasion: string; readonly deed: string; readonly because: string },
  whatToDo: readonly string[],
): PageText {
  const { request, decision } = decided;
  const { occasion, deed, because } = matter;
  return {
    title: harmless(`${occasion}: ${request.requester} ${deed} ${request.roles.join(', ')}`, 250),
    details: [
      `${person(request)} ${deed} ${rolesInWords(request)}${untilWords(request)}.`,
      ...(request.resources.length === 0 ? [] : [`Only for: ${resourcesInWords(request)}.`]),
      `Their reason: ${isBlank(request.reason) ? 'none given' : quoted(request.reason, WORDS_MAX)}`,
      '',
      because,
      ...decision.reasons.map(({ text }) => `- ${harmless(text, WORDS_MAX)}`),
      '',
      ...whatToDo,
      '',
      `Request ${request.id} · ${rulesInWords(decided)} · ${provenance(decided)}`,
    ].join('\n'),
  };
}

function answerLines(decided: RecordedDecision, where: Where, how: HowToAnswer): readonly string[] {
  const lines = inTeleport(decided, where);
  if (how.onlyInTeleport !== null) return ['To decide, review the request in Teleport:', ...lines];
  return [
    'To decide, add a note to this incident:',
    `  approve ${how.code}`,
    `  deny ${how.code} and why`,
    ...(how.acknowledging ? ['or acknowledge it, which approves the request.'] : []),
    'Only the answer of who is on call for it counts, and nobody answers their own request.',
    '',
    'Or review it in Teleport:',
    ...lines,
  ];
}

function inTeleport({ request }: RecordedDecision, { proxyPublicAddr }: Where): readonly string[] {
  const link = webLink(proxyPublicAddr, request);
  return [
    ...(link === null ? [] : [`  ${link}`]),
    `  tctl requests approve ${request.id}`,
    `  tctl requests deny ${request.id}`,
    ...(request.suggestedReviewers.length === 0
      ? []
      : [`Suggested reviewers: ${harmless(listed(request.suggestedReviewers), WORDS_MAX)}`]),
  ];
}

function afterwards({ request }: RecordedDecision): readonly string[] {
  return [
    'Look at it now: was it needed? What was done with it is in Teleport’s audit log.',
    `To end the access: tctl lock --access-request=${request.id} --message="break glass was not needed"`,
    'Resolve this incident once it has been looked at.',
  ];
}

function resourcesInWords(request: AccessRequest): string {
  const names = request.resources.map(({ kind, name }) => harmless(`${kind} ${name}`, NAME_MAX));
  return names.length <= 10
    ? listed(names)
    : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
}
