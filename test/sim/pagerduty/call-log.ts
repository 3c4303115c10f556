/** One request as the server saw it. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly at: Date;
  readonly from: string | null;
  /** The kind of key it came with; null when the key was refused. */
  readonly keyKind: string | null;
  readonly body: unknown;
  /** What the client was told; null while unanswered, or when a fault kept the answer from it. */
  readonly status: number | null;
  /** The fault that was in play, if any. */
  readonly fault: string | null;
}

/** Every request received, oldest first. */
export class CallLog {
  readonly #calls: RecordedCall[] = [];
  readonly #listeners = new Set<() => void>();

  /** Returns the function that fills in what became of the call. */
  start(call: RecordedCall): (outcome: Partial<RecordedCall>) => void {
    const index = this.#calls.push(call) - 1;
    this.#tell();
    return (outcome) => {
      const known = this.#calls[index];
      if (known !== undefined) this.#calls[index] = { ...known, ...outcome };
      this.#tell();
    };
  }

  all(): readonly RecordedCall[] {
    return [...this.#calls];
  }

  /** Calls of one kind, e.g. `matching('POST', '/incidents')`; the path must be equal up to its end or a slash. */
  matching(method: string, pathPrefix: string): readonly RecordedCall[] {
    return this.#calls.filter(
      (call) =>
        call.method === method && (call.path === pathPrefix || call.path.startsWith(`${pathPrefix}/`)),
    );
  }

  clear(): void {
    // Emptied calls may still be answered: their outcome then has no row, and is dropped.
    this.#calls.splice(0);
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
