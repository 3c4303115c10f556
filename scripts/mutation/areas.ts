/** A part of the sources whose mutants are tried, and the tests that are to notice them. */
export interface Area {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
  /** Per cent of the mutants that must be noticed. */
  readonly atLeast: number;
  /** So many mutants, drawn by a fixed seed; null for all. */
  readonly sample: number | null;
  /** A mutant that tests of so many milliseconds do not notice counts as unnoticed; null for all tests that run through it. */
  readonly mostMs: number | null;
}

function area(name: string, tests: readonly string[], rest: Partial<Area> = {}): Area {
  return { mutate: [`src/${name}/**/*.ts`], tests, atLeast: 80, sample: 300, mostMs: null, ...rest };
}

/** The use cases between both systems in this process: they run through the adapters as well. */
const REVIEW = 'test/review/**/*.test.ts';
/** Not those that wait for a clock, start a process, or ask for thousands of things: each mutant would wait for them. */
const quick = (folder: string, names: readonly string[]) =>
  names.map((name) => `test/${folder}/${name}.test.ts`);

export const AREAS: Readonly<Record<string, Area>> = {
  core: area('core', ['test/core/**/*.test.ts'], { atLeast: 97, sample: null }),
  review: area('review', [REVIEW], { atLeast: 85, sample: null, mostMs: 3_000 }),
  watcher: area('watcher', ['test/watcher/**/*.test.ts']),
  pagerduty: area(
    'pagerduty',
    [
      REVIEW,
      ...quick('pagerduty', [
        'admin',
        'broken-answers',
        'client',
        'connect',
        'incident-log',
        'incident-notes',
        'incident-reading',
        'incident-timeline',
        'incidents',
        'look-ahead',
        'lookup',
        'names',
        'oauth',
        'on-call-directory',
        'own-pages',
        'ownership-directory',
        'page-type',
        'paging',
        'pulse',
        'retries',
        'schedules',
        'webhook-subscriptions',
      ]),
    ],
    { mutate: ['src/pagerduty/*.ts'], mostMs: 3_000 },
  ),
  ledger: area(
    'ledger',
    [
      'test/traceability/**/*.test.ts',
      ...quick('ledger', [
        'export',
        'open-keys',
        'open-ledger',
        'page-secret',
        'seal-thread',
        'seals',
        'sqlite-backup',
        'sqlite-forgery',
        'sqlite-history',
        'sqlite-ledger',
        'sqlite-schema',
        'usage-store',
      ]),
    ],
    { mutate: ['src/ledger/*.ts', 'src/ledger/sqlite/*.ts'], mostMs: 3_000 },
  ),
  rules: area('rules', ['test/rules/**/*.test.ts']),
  config: area(
    'config',
    [
      'test/config/**/*.test.ts',
      ...quick('commands', ['identities-propose', 'init', 'migrate']),
      ...quick('network', ['from-environment']),
      ...quick('rules', ['lint', 'prove-undecided']),
    ],
    { mostMs: 3_000 },
  ),
  teleport: area(
    'teleport',
    [
      REVIEW,
      ...quick('teleport', [
        'access-requests',
        'admin',
        'audit-event',
        'audit-log',
        'connect',
        'discover',
        'errors',
        'foreign-answers',
        'handshake-error',
        'identity',
        'locks',
        'look-ahead',
        'node-names',
        'ping-packets',
        'resource-labels',
        'resources',
        'watch',
        'wire',
        'wire-users',
      ]),
    ],
    { mutate: ['src/teleport/*.ts'], mostMs: 3_000 },
  ),
};
