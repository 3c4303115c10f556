import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';

/** The entries that the story of a request consists of; a process can be killed right before and right after each is committed. */
export const LEDGER_POINTS = [
  'decided approve',
  'decided escalate',
  'decided abstain',
  'effect-intended review',
  'effect-done review',
  'effect-failed review',
  'ended',
  'effect-intended find-live-incident',
  'effect-done find-live-incident',
  'effect-intended live-note',
  'effect-done live-note',
  'effect-intended page',
  'effect-done page',
  'effect-failed page',
  'answered',
  'effect-intended vote',
  'effect-done vote',
  'effect-intended reply',
  'effect-done reply',
  'effect-intended unanswered',
  'effect-done unanswered',
  'effect-intended closing-note',
  'effect-done closing-note',
  'effect-intended close-page',
  'effect-done close-page',
  'page-resolved',
] as const;

/** Calls that change something outside: a process can be killed while one is held back, and once it is carried out but unanswered. */
export const CALL_POINTS = [
  { name: 'review', teleport: 'SubmitAccessReview' },
  { name: 'page', pagerDuty: { method: 'POST', path: /^\/incidents$/u, pathPrefix: '/incidents' } },
  { name: 'note', pagerDuty: { method: 'POST', path: /\/notes$/u, pathPrefix: '/incidents/' } },
  { name: 'close-page', pagerDuty: { method: 'PUT', path: /^\/incidents/u, pathPrefix: '/incidents' } },
] as const;

/** The name of an entry by its stored text, such as `effect-done review`; keys that are numbered or name somebody go by their first word. */
export function nameOfEvent(text: string): string {
  if (!text.startsWith('{"kind":')) return '';
  const event = JSON.parse(text) as LedgerEvent;
  switch (event.kind) {
    case 'decided':
      return `decided ${event.decision.verdict}`;
    case 'effect-intended':
      return `effect-intended ${firstWord(event.effect.key)}`;
    case 'effect-done':
    case 'effect-failed':
      return `${event.kind} ${firstWord(event.key)}`;
    case 'policy':
    case 'checkpoint':
    case 'answered':
    case 'page-resolved':
    case 'access-checked':
    case 'unlocked':
    case 'ended':
      return event.kind;
  }
}

function firstWord(key: string): string {
  return key.split(' ')[0] ?? key;
}
