import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Extent, LedgerHistory, StoredEntry } from '../ports/ledger-history.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import { entryInLine } from './export-line.ts';

/** An export as a history: checked as the ledger itself is, without its database. */
export class ExportHistory implements LedgerHistory {
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

  close(): Promise<void> {
    return Promise.resolve();
  }

  async *#lines(): AsyncIterable<string> {
    await using file = await open(this.#file);
    for await (const line of file.readLines()) if (line !== '') yield line;
  }
}
