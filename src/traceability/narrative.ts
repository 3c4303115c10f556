import type { RequestId } from '../core/access-request.ts';
import type { Verdict } from '../core/decision.ts';
import type { Effect, EffectKey } from '../core/record/effect.ts';
import { partsOf, type EffectWord } from '../core/record/effect-keys.ts';
import { endingWords } from '../core/wording/notes.ts';
import { resourcesInWords } from '../core/wording/resources.ts';
import { useWords } from '../core/wording/usage.ts';
import { accountOf } from '../core/usage/account.ts';
import { MINUTE, msBetween, SECOND, type Instant } from '../core/values/instant.ts';
import type {
  LedgerEntry,
  LedgerEvent,
  RecordedAnswer,
  RecordedDecision,
  RecordedUse,
} from '../core/record/ledger-entry.ts';
import { capital, sanitise, listed, quoted } from '../core/values/words.ts';
import { notOurs } from './seal-check.ts';

/** What a step is, for whoever draws it. */
export type StepKind = 'asked' | 'decided' | 'answered' | 'intended' | 'done' | 'failed' | 'ended' | 'other';

/** One step of a request's story, in words. All text of others is sanitised already. */
export interface Step {
  readonly at: Instant;
  /** The entry it is read from; null for what Teleport said of the time before the first entry. */
  readonly seq: number | null;
  readonly kind: StepKind;
  readonly title: string;
  readonly details: readonly string[];
  /** Where it can be looked at, if anywhere: an address with https, never the requester's own. */
  readonly link: string | null;
}

/** The whole story of a request, in the order of the ledger; empty without entries. `faults`: what others wrote, and why that is known. */
export function narrate(
  entries: readonly LedgerEntry[],
  faults: ReadonlyMap<number, string> = new Map(),
): readonly Step[] {
  const decided = decisionsOf(entries)[0];
  const steps = entries.map((entry) => {
    const [step, why] = [stepOf(entry), faults.get(entry.seq)];
    return why === undefined
      ? step
      : { ...step, kind: 'failed' as const, details: [notOurs(why), ...step.details] };
  });
  return decided === undefined ? steps : [...askedStep(decided), ...steps];
}

export function decisionsOf(entries: readonly LedgerEntry[]): readonly RecordedDecision[] {
  return entries.flatMap(({ event }) => (event.kind === 'decided' ? [event] : []));
}

function askedStep({ request, facts }: RecordedDecision): Step[] {
  if (request.created === null) return [];
  const { requester, roles, resources, reason, accessExpires } = request;
  return [
    {
      ...{ at: request.created, seq: null, link: null },
      kind: 'asked',
      title: `${name(requester)} asks for ${listed(roles.map(name))}`,
      details: [
        reason === '' ? 'No reason is given.' : `Reason: ${quoted(reason, 2_000)}`,
        ...(resources.length === 0 ? [] : [`Only for ${resourcesInWords(resources, facts)}.`]),
        ...(accessExpires === null ? [] : [`The access would end at ${accessExpires}.`]),
      ],
    },
  ];
}

type Words = Pick<Step, 'kind' | 'title' | 'details'> & Partial<Pick<Step, 'link'>>;
type Tellers = { readonly [Kind in LedgerEvent['kind']]?: (event: LedgerEvent & { kind: Kind }) => Words };

const TELLERS: Tellers = {
  postponed: ({ since, why }) => ({
    kind: 'other',
    title: 'The decision was put off: facts were missing',
    details: [`Since ${since}: ${sanitise(why, 500)}`],
  }),
  decided: tellDecision,
  answered: tellAnswer,
  'page-resolved': ({ incidentId, mergedInto }) => ({
    kind: 'other',
    title: `The page was ${mergedInto === undefined ? 'resolved' : 'merged into another incident'} in PagerDuty before the request was settled`,
    details: [
      `Incident ${incidentId}${typeof mergedInto === 'string' ? `, into ${mergedInto}` : ''}; the request is still pending.`,
    ],
  }),
  'page-unheard': ({ incidentId, why }) => ({
    kind: 'other',
    title: 'The page reaches nobody who could answer',
    details: [`Incident ${incidentId}: ${sanitise(why, 500)}.`],
  }),
  'access-checked': ({ ends, why, until, over = 'shift' }) => ({
    kind: 'other',
    title: ends ? `The access ends with the ${over}` : 'The access goes on',
    details: [capital(sanitise(why, 500)), ...(until === null ? [] : [`As far as is known until ${until}.`])],
  }),
  used: tellUse,
  'effect-intended': ({ effect }) => ({
    kind: 'intended',
    title: `To do: ${effectWords(effect)}`,
    details: effectDetails(effect),
  }),
  'effect-done': ({ key, outcome }) => ({
    kind: 'done',
    title: `${capital(keyWords(key))}: ${sanitise(outcome.summary, 300)}`,
    details: outcome.ours ? [] : ['Not this service’s doing.'],
    link: safeLink(outcome.url),
  }),
  'effect-failed': ({ key, cause }) => ({
    kind: 'failed',
    title: `${capital(keyWords(key))} failed${cause.transient ? ', it is tried again' : ' for good'}`,
    details: [sanitise(cause.message, 500)],
  }),
  ended: ({ ending, after, arrived }) => ({
    kind: 'ended',
    title: after === undefined ? endingWords(ending) : `${endingWords(ending)}, after it had been ${after}`,
    details: [
      ...(arrived === undefined
        ? []
        : ['Without any review, before the service saw it: nothing and nobody was asked.']),
      ...(ending.reason === '' ? [] : [`Reason given: ${quoted(ending.reason, 2_000)}`]),
    ],
  }),
};

function stepOf({ seq, at, event }: LedgerEntry): Step {
  const tell = TELLERS[event.kind] as ((told: LedgerEvent) => Words) | undefined;
  return { at, seq, link: null, ...(tell?.(event) ?? plainTold(event)) };
}

/** An event that this file has no words for is told by its kind and its plain values. */
function plainTold(event: LedgerEvent): Words {
  const values = Object.entries(event).filter(([key]) => key !== 'kind' && key !== 'requestId');
  return {
    kind: 'other',
    title: capital(event.kind.replaceAll('-', ' ')),
    details: values.map(
      ([key, value]) => `${key}: ${sanitise(typeof value === 'string' ? value : JSON.stringify(value), 500)}`,
    ),
  };
}

function tellDecision(decided: RecordedDecision): Words {
  const { decision, decisionId, number } = decided;
  return {
    kind: 'decided',
    title: `${number === 1 ? 'Decided' : 'Decided again'}: ${verdictWords(decision.verdict)} (${decisionId})`,
    details: [
      ...decision.reasons.map(({ text }) => capital(sanitise(text, 1_000))),
      ...(decision.rules.length === 0
        ? []
        : [`By ${decision.rules.length === 1 ? 'rule' : 'rules'} ${listed(decision.rules)}.`]),
      ...(decision.provisional
        ? ['Provisional: it is decided again once the missing facts can be had.']
        : []),
    ],
  };
}

const STAGES: Readonly<Record<RecordedUse['stage'], string>> = {
  provisional: 'as far as is known so far',
  final: 'the last account',
  correction: 'corrected by what came later',
};

function tellUse({ stage, evidence }: RecordedUse): Words {
  const { from, until } = evidence;
  return {
    kind: 'other',
    title: `What the access was used for, ${STAGES[stage]}`,
    details: [useWords(accountOf(evidence), evidence), `Between ${from} and ${until}.`],
  };
}

export function verdictWords(verdict: Verdict): string {
  switch (verdict) {
    case 'approve':
      return 'approved automatically';
    case 'escalate':
      return 'handed to people';
    case 'deny':
      return 'denied by rule';
    case 'abstain':
      return 'left alone';
  }
}

function tellAnswer({ answer, counted, why }: RecordedAnswer): Words {
  const how = answer.how === 'note' ? 'by note' : 'by acknowledging';
  const said = answer.propose === null ? 'not understood' : VERB_OF[answer.propose];
  return {
    kind: 'answered',
    title: `${name(answer.by.name)} answers ${how}: ${said}${counted ? '' : ', which does not count'}`,
    details: [
      capital(sanitise(why, 500)),
      ...(answer.reason === '' ? [] : [`Their words: ${quoted(answer.reason, 1_000)}`]),
    ],
  };
}

const VERB_OF = { approved: 'approve', denied: 'deny', revoked: 'revoke' } as const;

const KEY_WORDS: Readonly<Record<EffectWord, string>> = {
  review: 'review in Teleport',
  vote: 'the approver’s vote in Teleport',
  page: 'page in PagerDuty',
  'break-glass': 'page about broken glass in PagerDuty',
  'find-live-incident': 'look for the live incident',
  'live-note': 'note on the live incident',
  'closing-note': 'closing note on the page',
  reminder: 'reminder on the page',
  unanswered: 'note on the page that was resolved too early',
  merged: 'note where the page went on',
  replaced: 'note on the page of what was asked for before',
  reply: 'reply on the page',
  progress: 'note on what became of an answer',
  waiting: 'note on an approval that waits for another team’s',
  'shift-end': 'note on the coming end of the shift',
  finding: 'page about what the access shows',
  'use-note': 'note on what the access was used for',
  'move-up': 'move of the page to the next level',
  'close-page': 'resolution of the page',
  lock: 'lock on the access',
  unlock: 'lifting of the lock, since the shift goes on',
  'given-back': 'note on access that was given back',
  revoked: 'note on access that somebody revoked',
};

/** `review 2` is told as the second review; the further words of other keys are ids that say nothing to people. */
export function keyWords(key: EffectKey): string {
  const { word, number } = partsOf(key);
  const words = word === null ? sanitise(key, 100) : KEY_WORDS[word];
  return number === null ? words : `${words} (no. ${number})`;
}

function effectWords(effect: Effect): string {
  const words = keyWords(effect.key);
  return 'propose' in effect ? `${words}, to be ${effect.propose}` : words;
}

/** The texts that were sent, as they were sent. */
function effectDetails(effect: Effect): readonly string[] {
  return textsOf(effect)
    .flatMap((text) => text.split('\n'))
    .map((line) => sanitise(line, 1_000))
    .filter((line) => line !== '');
}

/** What an effect says to people, in the order in which they read it. */
export function textsOf(effect: Effect): readonly string[] {
  const { title, reason, details, content, message } = effect as Partial<Record<string, unknown>>;
  return [title, reason, details, content, message].filter((text) => typeof text === 'string');
}

/** `0.9 s`, `4 min 10 s`: how long a person would say it took. */
export function spanWords(from: Instant, to: Instant): string {
  const ms = Math.max(0, msBetween(from, to));
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(ms < 10 * SECOND ? 1 : 0)} s`;
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 60) return `${minutes} min ${Math.round((ms % MINUTE) / SECOND)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The address of a request in Teleport; null where the cluster has no web address. */
export function teleportLink(proxyPublicAddr: string, id: RequestId): string | null {
  return proxyPublicAddr === ''
    ? null
    : safeLink(`https://${proxyPublicAddr}/web/requests/${encodeURIComponent(id)}`);
}

/** Links come from PagerDuty's answers: only those that lead to a web page are offered. */
export function safeLink(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}

function name(text: string): string {
  return sanitise(text, 200);
}
