import type { Effect, EffectKey, IncidentHandle } from '../record/effect.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { noteMarker } from '../wording/phrases.ts';

/** A note on an incident: the words, and below them the line by which it is found again. */
export function noteOn(
  incident: IncidentHandle,
  key: EffectKey,
  words: string,
  decided: RecordedDecision,
): Effect & { readonly kind: 'note' } {
  const marker = noteMarker(decided, key);
  return { kind: 'note', key, incident, content: `${words}\n${marker}`, marker };
}
