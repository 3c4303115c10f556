/** Counts checks and prints each as it ends. */
export class Results {
  readonly #print: (line: string) => void;
  #passed = 0;
  #failed = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get failed(): number {
    return this.#failed;
  }

  section(title: string): void {
    this.#print(`\n${title}`);
  }

  /** Runs one check, which fails by throwing. */
  async check(what: string, run: () => unknown): Promise<void> {
    try {
      await run();
      this.pass(what);
    } catch (error) {
      this.fail(what, error instanceof Error ? error.message : String(error));
    }
  }

  pass(what: string): void {
    this.#passed += 1;
    this.#print(`  ok    ${what}`);
  }

  fail(what: string, why: string): void {
    this.#failed += 1;
    this.#print(`  FAIL  ${what}`);
    for (const line of why.split('\n')) this.#print(`          ${line}`);
  }

  summary(): string {
    return `${this.#passed} passed, ${this.#failed} failed`;
  }
}
