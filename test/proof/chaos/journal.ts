/** What is counted of what processes say. */
const PHRASES = {
  renewed: '"identity renewed"',
  unusable: 'identity on disk cannot be used',
  ledger: 'cannot be used: ',
  webhook: 'webhook',
} as const;

type Phrase = keyof typeof PHRASES;

/** Counts what the service's processes say of the faults that befall them. */
export class Journal {
  readonly #counts = new Map<Phrase, number>();

  hear(line: string): void {
    for (const [phrase, words] of Object.entries(PHRASES) as [Phrase, string][]) {
      if (line.includes(words)) this.#counts.set(phrase, this.count(phrase) + 1);
    }
  }

  count(phrase: Phrase): number {
    return this.#counts.get(phrase) ?? 0;
  }
}
