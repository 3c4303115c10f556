import type { StoredEntry, Extent, LedgerHistory } from '../ports/ledger-history.ts';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { LedgerUnavailableError } from '../ports/ledger.ts';

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

/** An export as a history: checked as the ledger itself is, without its database. */
export class ExportHistory implements LedgerHistory, AsyncDisposable {
  readonly #file: string;

  /** Throws LedgerUnavailableError when the file is not there. */
  constructor(file: string) {
    if (!existsSync(file)) throw new LedgerUnavailableError(`there is no export \`${file}\``);
    this.#file = file;
  }

  /** The file is not read to the end only to learn how long it is. */
  extent(): Promise<Extent | null> {
    return Promise.resolve(null);
  }

  async *entries(): AsyncIterable<StoredEntry> {
    let number = 0;
    for await (const line of this.#lines()) {
      number += 1;
      const entry = entryInLine(line);
      if (entry === null) {
        throw new LedgerUnavailableError(
          `\`${this.#file}\` is no export, or was cut off or changed: line ${number} is no entry`,
        );
      }
      yield entry;
    }
  }

  checkpoints(): Promise<readonly StoredEntry[]> {
    return this.#ofKind('checkpoint');
  }

  async mark(): Promise<StoredEntry | null> {
    return (await this.#ofKind('sealed-from'))[0] ?? null;
  }

  async #ofKind(kind: string): Promise<readonly StoredEntry[]> {
    const found: StoredEntry[] = [];
    for await (const line of this.#lines()) {
      const entry = line.includes(`"event":{"kind":"${kind}"`) ? entryInLine(line) : null;
      if (entry !== null) found.push(entry);
    }
    return found;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async *#lines(): AsyncIterable<string> {
    await using file = await open(this.#file);
    for await (const line of file.readLines()) if (line !== '') yield line;
  }
}
