import type { StoredEntry } from '../ports/ledger-history.ts';

/*
 * One entry a line: {"seq":1,"at":"2026-…","hash":"…","seal":"…","event":{…}}, without a seal where it has none. What stands between `"event":` and the last brace is the
 * stored text to the letter, so that any SHA-256 tool can check the chain: the hash of a line is that of the hash before it,
 * `seq`, `at` and the event's text, one under the other. A tool that writes the JSON anew breaks it.
 */
const LINE =
  /^\{"seq":(?<seq>\d{1,15}),"at":"(?<at>[^"]*)","hash":"(?<hash>[^"]*)"(?:,"seal":"(?<seal>[^"]*)")?,"event":(?<event>.*)\}$/u;

export function exportLine({ seq, at, hash, seal, eventText }: StoredEntry): string {
  const sealed = seal === null ? '' : `,"seal":${JSON.stringify(seal)}`;
  return `{"seq":${seq},"at":${JSON.stringify(at)},"hash":${JSON.stringify(hash)}${sealed},"event":${eventText}}`;
}

/** The entry in a line of an export; null when the line has another form. */
export function entryInLine(line: string): StoredEntry | null {
  const { seq, at, hash, seal, event } = LINE.exec(line)?.groups ?? {};
  if (seq === undefined || at === undefined || hash === undefined || event === undefined) return null;
  return { seq: Number(seq), at, hash, seal: seal ?? null, eventText: event, columns: null };
}
