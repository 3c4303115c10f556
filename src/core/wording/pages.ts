import type { RecordedDecision } from '../record/ledger-entry.ts';
import { answerCode } from '../answers/answer.ts';
import { withoutInstructions } from '../answers/instructions.ts';
import type { Instant } from '../values/instant.ts';
import { timeWords } from '../values/time-words.ts';
import { sanitise, isBlank, listed } from '../values/words.ts';
import {
  NAME_MAX,
  WORDS_MAX,
  byHand,
  inTheirWords,
  lastsWords,
  passedOn,
  person,
  provenance,
  ruleNames,
  rolesInWords,
  rulesInWords,
  webLink,
  type Where,
} from './phrases.ts';
import { labelsInWords, resourcesInWords } from './resources.ts';

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

/** Of the reasons on one line: with the two lines around it, what an e-mail shows. */
const WHY_MAX = 300;

export interface PageText {
  readonly title: string;
  readonly details: string;
}

/**
 * The page for the on-call approver: who asks for what, why it was not automatic, and how to answer. `tally`: what was given on an
 * earlier page without settling the request; null for nothing. `now`: when it is read first.
 */
export function page(
  decided: RecordedDecision,
  where: Where,
  howToAnswer: HowToAnswer,
  { tally = null, collective = false, now = decided.decidedAt }: PageOptions = {},
): PageText {
  const because =
    decided.decision.verdict === 'approve'
      ? 'Approved automatically, but Teleport asks for more than one approval'
      : 'Not automatic';
  const { comesAt } = decided;
  const more = [
    ...(tally === null ? [] : [`So far: ${tally}.`]),
    ...(comesAt === undefined
      ? []
      : [
          `Unless somebody answers before, it is looked at again at ${timeWords(comesAt, where.timeZone)}: by then it may be approved automatically.`,
        ]),
  ];
  const details = detailsOf(
    decided,
    { deed: 'asks for', because, where, now },
    { whatToDo: answerLines(decided, where, howToAnswer), more },
  );
  if (!collective) return { title: titleOf(decided, howToAnswer), details };
  const { requester, roles } = decided.request;
  const { code } = howToAnswer;
  const who = person(decided.request);
  return {
    title: sanitise(
      `Access requests of ${withoutInstructions(requester)}, this and more: ${code} ${withoutInstructions(roles.join(', '))}`,
      250,
    ),
    details: `${who} has several pages open already: further requests are listed here as notes, each with a code of its own.\n\n${details}`,
  };
}

export interface PageOptions {
  readonly tally?: string | null;
  readonly collective?: boolean;
  readonly now?: Instant;
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
  { code, onlyInTeleport, part }: HowToAnswer,
  now = decided.decidedAt,
): string {
  const { request, decision } = decided;
  const reason = isBlank(request.reason) ? 'none given' : inTheirWords(request.reason, LISTED_MAX);
  const why = listed(decision.reasons.map(({ text }) => text));
  return [
    `${code}: ${whoAndWhat(decided, 'asks for')}`,
    passedOn(`Not automatic: ${why}`, LISTED_MAX),
    lastsWords(request, now, where),
    ...(onlyInTeleport === null
      ? [
          `To decide this one: approve ${code}, or deny ${code} and why`,
          ...(part === undefined ? [] : [partWords(part)]),
        ]
      : [`In Teleport only: ${byHand('approve', request.id, where.resolveWith)}`]),
    `Their reason: ${reason}`,
    `Request ${request.id} · ${provenance(decided)}`,
  ].join('\n');
}

/** The notes in which they stand begin with this line. */
export const LISTING_HEAD =
  'Also asked for by the same person. Each has a code of its own; acknowledging approves none of these.';

/** The page about broken glass: who was let in without anybody on call, and what to look at. `stillPending`: others must approve too. */
export function breakGlassPage(
  decided: RecordedDecision,
  where: Where,
  stillPending: boolean,
  now = decided.decidedAt,
): PageText {
  const { requester, roles } = decided.request;
  const deed = stillPending ? 'asks for' : 'was given';
  const alone = 'Approved without anybody on call';
  const because = stillPending ? `${alone}, but Teleport asks for more than one approval` : alone;
  const whatToDo = [
    ...(stillPending ? inTeleport('To decide,', decided, where) : []),
    ...afterwards(decided),
  ];
  return {
    title: sanitise(`BREAK GLASS: ${withoutInstructions(`${requester} ${deed} ${roles.join(', ')}`)}`, 250),
    details: detailsOf(decided, { deed, because, where, now }, { whatToDo, more: [] }),
  };
}

/** What the three lines say that everybody reads. */
interface Matter {
  readonly deed: string;
  readonly because: string;
  readonly where: Where;
  readonly now: Instant;
}

/** First who and what, why a person is asked, and until when; then how to answer; then what else there is. E-mails show 500 characters. */
function detailsOf(
  decided: RecordedDecision,
  { deed, because, where, now }: Matter,
  { whatToDo, more }: { readonly whatToDo: readonly string[]; readonly more: readonly string[] },
): string {
  const { request, decision } = decided;
  const reasons = decision.reasons.map(({ text }) => passedOn(text, WORDS_MAX));
  const why = reasons.join('; ');
  const isCut = why.length > WHY_MAX;
  return [
    whoAndWhat(decided, deed),
    sanitise(`${because}: ${sanitise(why, WHY_MAX)}`, WORDS_MAX),
    lastsWords(request, now, where),
    '',
    ...whatToDo,
    '',
    ...more,
    `Their reason: ${isBlank(request.reason) ? 'none given' : inTheirWords(request.reason, WORDS_MAX)}`,
    ...(isCut ? ['In full, because:', ...reasons.map((text) => `- ${text}`)] : []),
    `Request ${request.id} · ${rulesInWords(decided)} · ${provenance(decided)}`,
  ].join('\n');
}

/** With host names, labels, logins and clusters as people know them. */
function whoAndWhat({ request, facts }: RecordedDecision, deed: string): string {
  const { resources } = request;
  const named = resourcesInWords(resources, facts, (words, resource) =>
    withoutInstructions(`${words}${labelsInWords(resource, facts)}`),
  );
  const what = resources.length === 0 ? '' : `, only for ${named}`;
  const cluster = facts.rootCluster ?? null;
  const there = cluster === null ? '' : ` (Teleport cluster ${passedOn(cluster, NAME_MAX)})`;
  return `${person(request)} ${deed} ${rolesInWords(request)}${what}${there}.`;
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
    `To end the access, write here: revoke ${answerCode(request.id)}`,
    `or: tctl lock --access-request=${request.id} --message="break glass was not needed"`,
    'Resolve this incident once it has been looked at.',
  ];
}
