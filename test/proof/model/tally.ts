import { ledgerOf, type Play } from './run.ts';

/** How often what happened in the runs of a test, so that one sees that they did not all stand still. */
export class Tally {
  readonly #counts = new Map<string, number>();

  async add(run: Play): Promise<void> {
    this.#count('runs');
    const { stage, requests } = run;
    const ledger = ledgerOf(run);
    try {
      for (const { id } of requests) {
        this.#count(`request ${stage.teleport.cluster.findRequest(id)?.state.toLowerCase() ?? 'gone'}`);
        for (const { event } of await ledger.entriesOf(id)) {
          if (event.kind === 'answered') this.#count(event.counted ? 'answer counted' : 'answer refused');
          else if (event.kind === 'effect-done') this.#count(`done: ${event.key.split(' ')[0] ?? ''}`);
          else if (event.kind === 'decided') this.#count(`decided: ${event.decision.verdict}`);
          else this.#count(event.kind);
        }
      }
    } finally {
      await ledger.close();
    }
  }

  toString(): string {
    return [...this.#counts]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([what, count]) => `${what} ${count}`)
      .join(', ');
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}
