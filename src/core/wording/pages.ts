import type { RecordedDecision } from '../record/ledger-entry.ts';
import { withoutInstructions } from '../answers/instructions.ts';
import { sanitise, isBlank, listed } from '../values/words.ts';
import {
  WORDS_MAX,
  byHand,
  inTheirWords,
  passedOn,
  person,
  provenance,
  ruleNames,
  rolesInWords,
  rulesInWords,
  untilWords,
  webLink,
  type Where,
} from './phrases.ts';
import { resourcesInWords } from './resources.ts';

/** How the page may be answered. */
export interface HowToAnswer {
  readonly code: string;
  /** Why only Teleport will do; null where a note is enough. */
  readonly onlyInTeleport: string | null;
  readonly acknowledging: boolean;
  /** Whether it depends on who answers: only of some is it known that they and the requester are two people. */
  readonly ifKnown: boolean;
  /** Where several rules ask: whose approvers this page is for, and which are asked besides. Absent where one rule asks. */
  readonly part?: { readonly rules: readonly string[]; readonly others: readonly string[] };
}

/** Of words that several requests on one page have room for. */
const LISTED_MAX = 300;

/** What a push notification shows of a title. */
const LOCK_SCREEN_MAX = 110;

export interface PageText {
  readonly title: string;
  readonly details: string;
}

/**
 * The page for the on-call approver: who asks for what, why it was not automatic, and how to answer. `tally`: what was given on an
 * earlier page without settling the request; null for nothing.
 */
export function page(
  decided: RecordedDecision,
  where: Where,
  howToAnswer: HowToAnswer,
  {
    tally = null,
    collective = false,
  }: { readonly tally?: string | null; readonly collective?: boolean } = {},
): PageText {
  const because =
    decided.decision.verdict === 'approve'
      ? 'Approved automatically, but Teleport asks for more than one approval. Approved because:'
      : 'Not approved automatically, because:';
  const matter = { occasion: 'Access request', deed: 'asks for', because };
  const before = [
    ...(tally === null ? [] : [`So far: ${tally}.`, '']),
    ...(decided.comesAt === undefined
      ? []
      : [
          `Unless somebody answers before, it is looked at again at ${decided.comesAt}: by then it may be approved automatically.`,
          '',
        ]),
  ];
  const { details } = pageText(decided, matter, [...before, ...answerLines(decided, where, howToAnswer)]);
  const text = { title: titleOf(decided, howToAnswer), details };
  if (!collective) return text;
  const { requester, roles } = decided.request;
  const { code } = howToAnswer;
  const who = person(decided.request);
  return {
    title: sanitise(
      `Access requests of ${withoutInstructions(requester)}, this and more: ${code} ${withoutInstructions(roles.join(', '))}`,
      250,
    ),
    details: `${who} has several pages open already: further requests are listed here as notes, each with a code of its own.\n\n${text.details}`,
  };
}

/**
 * As it is read on a lock screen: the answer, who, what, and last the requester's own words, which begin nothing by their place: a code
 * by itself, beside our verb, is left out of them.
 */
function titleOf({ request }: RecordedDecision, { code, onlyInTeleport }: HowToAnswer): string {
  const plain = (text: string, max: number): string =>
    sanitise(withoutInstructions(text, { beside: true }), max);
  const [first = '', ...others] = request.roles;
  const roles = others.length === 0 ? plain(first, 40) : `${plain(first, 30)} +${others.length}`;
  const what = `${plain(request.requester, 30)} → ${roles}`;
  const words = isBlank(request.reason) ? '' : `. ${plain(request.reason, LOCK_SCREEN_MAX)}`;
  return sanitise(
    `${onlyInTeleport === null ? 'approve' : 'review'} ${code}: ${what}${words}`,
    LOCK_SCREEN_MAX,
  );
}

/** What is added to a page about a further request of the same person: what it differs in, and its own code. */
export function listing(
  decided: RecordedDecision,
  where: Where,
  { code, onlyInTeleport }: HowToAnswer,
): string {
  const { request, decision, facts } = decided;
  const reason = isBlank(request.reason) ? 'none given' : inTheirWords(request.reason, LISTED_MAX);
  const why = listed(decision.reasons.map(({ text }) => text));
  return [
    `${code}: ${person(request)} asks for ${rolesInWords(request)}${untilWords(request)}.`,
    ...(request.resources.length === 0
      ? []
      : [`Only for: ${resourcesInWords(request.resources, facts, withoutInstructions)}.`]),
    `Their reason: ${reason}`,
    passedOn(`Not automatic: ${why}`, LISTED_MAX),
    onlyInTeleport === null
      ? `To decide this one: approve ${code}, or deny ${code} and why`
      : `In Teleport only: ${byHand('approve', request.id, where.resolveWith)}`,
    `Request ${request.id} · ${provenance(decided)}`,
  ].join('\n');
}

/** The notes in which they stand begin with this line. */
export const LISTING_HEAD =
  'Also asked for by the same person. Each has a code of its own; acknowledging approves none of these.';

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
        [...inTeleport('To decide,', decided, where), ...afterwards(decided)],
      )
    : pageText(decided, { occasion, deed: 'was given', because: `${alone}, because:` }, afterwards(decided));
}

function pageText(
  decided: RecordedDecision,
  matter: { readonly occasion: string; readonly deed: string; readonly because: string },
  whatToDo: readonly string[],
): PageText {
  const { request, decision, facts } = decided;
  const { occasion, deed, because } = matter;
  return {
    title: sanitise(
      `${occasion}: ${withoutInstructions(`${request.requester} ${deed} ${request.roles.join(', ')}`)}`,
      250,
    ),
    details: [
      `${person(request)} ${deed} ${rolesInWords(request)}${untilWords(request)}.`,
      ...(request.resources.length === 0
        ? []
        : [`Only for: ${resourcesInWords(request.resources, facts, withoutInstructions)}.`]),
      `Their reason: ${isBlank(request.reason) ? 'none given' : inTheirWords(request.reason, WORDS_MAX)}`,
      '',
      because,
      ...decision.reasons.map(({ text }) => `- ${passedOn(text, WORDS_MAX)}`),
      '',
      ...whatToDo,
      '',
      `Request ${request.id} · ${rulesInWords(decided)} · ${provenance(decided)}`,
    ].join('\n'),
  };
}

/** Each team is told what it is asked for, and that it does not let anybody in by itself. */
function partWords({ rules, others }: NonNullable<HowToAnswer['part']>): string {
  const all = [...rules, ...others];
  const here = rules.length === 0 ? '' : `You are asked for ${ruleNames(rules)}. `;
  return `${here}Approvers of ${ruleNames(all)} must all approve, each their own; one denial ends it.`;
}

function answerLines(decided: RecordedDecision, where: Where, how: HowToAnswer): readonly string[] {
  if (how.onlyInTeleport !== null) {
    const why = `Notes here do not count: ${sanitise(how.onlyInTeleport, WORDS_MAX)}.`;
    return [...inTeleport('To decide,', decided, where), why];
  }
  return [
    'To decide, add a note to this incident:',
    `  approve ${how.code}`,
    `  deny ${how.code} and why`,
    ...(how.acknowledging ? ['or acknowledge it, which approves the request.'] : []),
    ...(how.part === undefined ? [] : [partWords(how.part)]),
    'Only the answer of who is on call for it counts, and nobody answers their own request.',
    ...(how.ifKnown
      ? [
          `It is not known here who ${person(decided.request)} is in PagerDuty: your note counts only if it is known who you are in Teleport.`,
        ]
      : []),
    '',
    ...inTeleport('Or', decided, where),
  ];
}

/** In Teleport Community nobody reviews: who may set states is said, since their roles are all that keeps others from it. */
function inTeleport(
  begin: string,
  { request }: RecordedDecision,
  { proxyPublicAddr, resolveWith }: Where,
): readonly string[] {
  const link = resolveWith === 'review' ? webLink(proxyPublicAddr, request) : null;
  return [
    resolveWith === 'review'
      ? `${begin} review it in Teleport:`
      : `${begin} set its state in Teleport, if your role there may update access requests, and the request is not your own:`,
    ...(link === null ? [] : [`  ${link}`]),
    `  ${byHand('approve', request.id, resolveWith)}`,
    `  ${byHand('deny', request.id, resolveWith)}`,
    ...(request.suggestedReviewers.length === 0
      ? []
      : [`Suggested reviewers: ${passedOn(listed(request.suggestedReviewers), WORDS_MAX)}`]),
  ];
}

function afterwards({ request }: RecordedDecision): readonly string[] {
  return [
    'Look at it now: was it needed? What was done with it is in Teleport’s audit log.',
    `To end the access: tctl lock --access-request=${request.id} --message="break glass was not needed"`,
    'Resolve this incident once it has been looked at.',
  ];
}
