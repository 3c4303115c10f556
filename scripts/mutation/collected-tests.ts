import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format } from 'node:util';
import { expect as plain } from 'vitest';

type Work = (context?: unknown) => unknown;
type Title = string | { readonly name: string };

interface Suite {
  readonly name: string;
  readonly parent: Suite | null;
  readonly before: Record<'all' | 'each', Work[]>;
  readonly after: Record<'all' | 'each', Work[]>;
}

export interface CollectedTest {
  readonly name: string;
  readonly file: string;
  readonly run: () => Promise<void>;
}

/*
 * What test files get for `vitest` in a mutation run: tests are collected, and run as often as one likes in the same process. A test
 * takes a millisecond or two that way, not a worker with all its imports; the mutant is switched by a global.
 */

export { assert, vi } from 'vitest';

/** Of `expect` what asks for a test that vitest runs: looking again and again, and comparing with a file beside the test. */
export const expect = Object.assign((value: unknown, message?: string) => plain(value, message), plain, {
  poll,
});
plain.extend({
  toMatchFileSnapshot(received: unknown, path: string) {
    const approved = readFileSync(join(dirname(running), path), 'utf8');
    return { pass: String(received) === approved, message: () => `it is not what is in ${path}` };
  },
});

const LOOK_EVERY_MS = 20;
const later = setTimeout;
type Matchers = Record<string | symbol, (...expected: readonly unknown[]) => unknown>;
type Polled = Matchers & { readonly not: Matchers };

function poll(look: () => unknown, { timeout = 1_000 }: { readonly timeout?: number } = {}): Polled {
  const matching =
    (name: string | symbol, isNot = false) =>
    async (...expected: readonly unknown[]): Promise<unknown> => {
      for (let leftMs = timeout; ; leftMs -= LOOK_EVERY_MS) {
        try {
          const asked = plain(await look());
          return ((isNot ? asked.not : asked) as unknown as Matchers)[name]?.(...expected);
        } catch (error) {
          if (leftMs <= 0) throw error;
        }
        await new Promise((resolve) => void later(resolve, LOOK_EVERY_MS));
      }
    };
  const not = new Proxy<Matchers>({}, { get: (_none, name) => matching(name, true) });
  return new Proxy({ not } as Polled, { get: (_none, name) => (name === 'not' ? not : matching(name)) });
}

/** The file of the test that runs, and what is done after it. */
let running = '';
let finished: Work[] = [];
const tests: CollectedTest[] = [];
let file = '';
let suite = aSuite('', null);

/** Imports a test file; gives its tests. */
export async function collect(path: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  file = path;
  suite = aSuite('', null);
  tests.length = 0;
  await load();
  return [...tests];
}

function aSuite(name: string, parent: Suite | null): Suite {
  return { name, parent, before: { all: [], each: [] }, after: { all: [], each: [] } };
}

function chainOf(innermost: Suite): readonly Suite[] {
  return innermost.parent === null ? [innermost] : [...chainOf(innermost.parent), innermost];
}

function addTest(title: Title, work: Work, fails = false): void {
  const suites = chainOf(suite);
  const path = [...suites.map(({ name }) => name), nameOf(title)].filter((name) => name !== '').join(' > ');
  const about = { name: `${file}#${path}`, file };
  tests.push({
    ...about,
    async run() {
      running = about.file;
      finished = [];
      const context = {
        expect,
        onTestFinished,
        signal: new AbortController().signal,
      };
      try {
        for (const { before } of suites) for (const each of [...before.all, ...before.each]) await each();
        let failed = false;
        try {
          await work(context);
        } catch (error) {
          if (!fails) throw error;
          failed = true;
        }
        if (fails && !failed) throw new Error('it was expected to fail');
      } finally {
        for (const each of finished) await each();
        for (const { after } of suites.toReversed())
          for (const each of [...after.each, ...after.all]) await each();
      }
    },
  });
}

function addSuite(title: Title, fill: Work): void {
  const outer = suite;
  suite = aSuite(nameOf(title), outer);
  fill();
  suite = outer;
}

const none = (): void => undefined;

export const onTestFinished = (work: Work): void => void finished.push(work);
export const describe = withVariants(addSuite);
export const it = aTestFunction();
export const test = aTestFunction();
export const beforeAll = (work: Work): void => void suite.before.all.push(work);
export const beforeEach = (work: Work): void => void suite.before.each.push(work);
export const afterAll = (work: Work): void => void suite.after.all.push(work);
export const afterEach = (work: Work): void => void suite.after.each.push(work);

function aTestFunction() {
  const fails = withVariants((title, work) => addTest(title, work, true));
  return Object.assign(withVariants(addTest), { fails });
}

function withVariants(add: (title: Title, work: Work) => void) {
  const plain = (title: Title, ...rest: readonly unknown[]): void => add(title, workIn(rest));
  const each =
    (table: readonly unknown[], ...cells: readonly unknown[]) =>
    (title: Title, ...rest: readonly unknown[]): void => {
      const work = workIn(rest);
      for (const row of 'raw' in table ? rowsOf(String(table[0]), cells) : table) {
        const values: readonly unknown[] = Array.isArray(row) ? row : [row];
        add(format(nameOf(title), ...values.map((value) => (typeof value === 'object' ? '…' : value))), () =>
          work(...values),
        );
      }
    };
  const onlyIf = (wanted: boolean) => (wanted ? plain : none);
  return Object.assign(plain, {
    each,
    concurrent: plain,
    skip: none,
    todo: none,
    runIf: onlyIf,
    skipIf: (unwanted: boolean) => onlyIf(!unwanted),
  });
}

/** A table in a template: names above, values below. */
function rowsOf(heading: string, cells: readonly unknown[]): readonly unknown[] {
  const names = heading.split('|').map((name) => name.trim());
  return cells.flatMap((_cell, index) =>
    index % names.length === 0
      ? [Object.fromEntries(names.map((name, column) => [name, cells[index + column]]))]
      : [],
  );
}

/** Options and time-outs may stand before or behind it. */
function workIn(rest: readonly unknown[]): Work {
  return rest.find((each) => typeof each === 'function') as Work;
}

function nameOf(title: Title): string {
  return typeof title === 'string' ? title : title.name;
}
