/** An import: `to` is a file of ours, `node:…`, `npm:…`, or `unresolved:…` for what is not there. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface ImportGraph {
  /** Paths from the project's root, with slashes. */
  readonly files: readonly string[];
  readonly edges: readonly Edge[];
}

/** What the files of a layer may import, their own folder apart. Whatever is not listed is refused. */
interface Layer {
  readonly of: string;
  readonly may: readonly string[];
}

/** Something that may be imported from one part of `src` only, even where a layer would allow it. */
interface Fence {
  readonly around: string;
  readonly within: readonly string[];
}

/*
 * Names below: `src/core/` is all that begins with it, `src/main.ts` only itself, `npm:@grpc/` every package of that scope,
 * `node:` everything built into Node.
 */

/** The first layer that a file belongs to counts. */
const LAYERS: readonly Layer[] = [
  { of: 'src/core/', may: [] },
  { of: 'src/ports/', may: ['src/core/'] },
  { of: 'src/review/', may: ['src/core/', 'src/ports/', 'node:timers/promises'] },
  { of: 'src/watcher/', may: ['src/core/', 'src/ports/', 'node:timers/promises'] },
  { of: 'src/teleport/', may: ['src/core/', 'src/ports/', 'node:', 'npm:@grpc/', 'npm:ws', 'npm:zod'] },
  {
    of: 'src/pagerduty/',
    may: ['src/core/', 'src/ports/', 'node:', 'npm:@pagerduty/pdjs', 'npm:cockatiel', 'npm:zod'],
  },
  { of: 'src/ledger/', may: ['src/core/', 'src/ports/', 'node:', 'npm:pg', 'npm:zod'] },
  { of: 'src/schedule/', may: ['npm:node-cron'] },
  {
    of: 'src/telemetry/',
    may: ['src/core/', 'src/ports/', 'node:', 'npm:pino', 'npm:pino-pretty', 'npm:prom-client'],
  },
  {
    of: 'src/http/pages/',
    may: [
      'src/core/',
      'src/ports/',
      'src/traceability/',
      'src/http/server.ts',
      'src/version.ts',
      'node:',
      'npm:fastify',
      'npm:htm',
      'npm:preact',
      'npm:preact-render-to-string',
      'npm:zod',
    ],
  },
  {
    of: 'src/http/',
    may: ['src/core/', 'src/ports/', 'src/telemetry/readiness.ts', 'node:', 'npm:fastify', 'npm:zod'],
  },
  { of: 'src/config/', may: ['src/core/', 'node:', 'npm:fastest-levenshtein', 'npm:yaml', 'npm:zod'] },
  {
    of: 'src/rules/',
    may: [
      'src/core/',
      'src/ports/',
      'src/config/',
      'src/review/explain-request.ts',
      'src/review/facts/gather-facts.ts',
      'npm:zod',
    ],
  },
  {
    of: 'src/doctor/',
    may: ['src/core/', 'src/ports/', 'src/review/dependencies.ts', 'npm:fastest-levenshtein'],
  },
  { of: 'src/version.ts', may: ['node:'] },
  { of: 'src/service/', may: ['src/', 'node:'] },
  { of: 'src/traceability/', may: ['src/core/', 'src/ports/'] },
  { of: 'src/commands/', may: ['src/', 'node:', 'npm:cli-progress', 'npm:commander'] },
  { of: 'src/program.ts', may: ['src/commands/', 'src/config/', 'src/version.ts', 'node:', 'npm:commander'] },
  { of: 'src/node-version.ts', may: [] },
  { of: 'src/main.ts', may: ['src/node-version.ts', 'src/program.ts'] },
  { of: 'test/core/', may: ['src/core/', 'test/support/builders.ts', 'npm:vitest', 'npm:fast-check'] },
  { of: 'test/', may: ['src/', 'scripts/', 'node:', 'npm:'] },
  { of: 'scripts/', may: ['node:', 'npm:'] },
];

const FENCES: readonly Fence[] = [
  { around: 'npm:@grpc/', within: ['src/teleport/'] },
  { around: 'npm:@pagerduty/', within: ['src/pagerduty/'] },
  { around: 'node:sqlite', within: ['src/ledger/'] },
  { around: 'npm:pg', within: ['src/ledger/'] },
  { around: 'npm:cockatiel', within: ['src/pagerduty/'] },
  { around: 'npm:node-cron', within: ['src/schedule/'] },
  { around: 'npm:fastify', within: ['src/http/'] },
  { around: 'npm:ws', within: ['src/teleport/'] },
  { around: 'npm:prom-client', within: ['src/telemetry/'] },
  { around: 'npm:pino', within: ['src/telemetry/'] },
  { around: 'npm:pino-pretty', within: ['src/telemetry/'] },
  { around: 'npm:yaml', within: ['src/config/'] },
  {
    around: 'npm:commander',
    within: ['src/program.ts', 'src/commands/ledger/register.ts', 'src/commands/rules/register.ts'],
  },
  { around: 'npm:htm', within: ['src/http/pages/'] },
  { around: 'npm:preact', within: ['src/http/pages/'] },
  { around: 'npm:cli-progress', within: ['src/commands/ledger/progress.ts'] },
  { around: 'src/commands/', within: ['src/program.ts', 'src/commands/'] },
  { around: 'src/service/', within: ['src/commands/', 'src/service/'] },
  { around: 'src/program.ts', within: ['src/main.ts'] },
  { around: 'src/main.ts', within: [] },
];

const ENTRY = 'src/main.ts';
/** The project has many more; a graph this small means that the files were not read. */
const FEWEST_FILES = 30;

/** Every way in which the imports break the layers, as sentences; empty when they keep to them. */
export function violationsOf(graph: ImportGraph): readonly string[] {
  if (graph.files.length < FEWEST_FILES) {
    return [`only ${graph.files.length} files were seen, at least ${FEWEST_FILES} were expected`];
  }
  return [
    ...graph.files.filter((file) => layerOf(file) === undefined).map((file) => `${file} is in no layer`),
    ...graph.edges.flatMap(violationOf),
    ...cyclesOf(graph).map((cycle) => `cycle: ${cycle.join(' → ')}`),
    ...unreachedFrom(ENTRY, graph).map((file) => `${file} is not reached from ${ENTRY}`),
  ];
}

function violationOf({ from, to }: Edge): string[] {
  const layer = layerOf(from);
  if (layer === undefined) return [];
  if (![layer.of, ...layer.may].some((allowed) => covers(allowed, to))) {
    return [
      `${from} may not import ${to}: ${layer.of} may import ${inWords(layer.may, 'nothing')} besides itself`,
    ];
  }
  return FENCES.filter(({ around }) => from.startsWith('src/') && covers(around, to))
    .filter(({ within }) => !within.some((owner) => covers(owner, from)))
    .map(({ within }) => `${from} may not import ${to}: only ${inWords(within, 'nobody')} may`);
}

function inWords(names: readonly string[], none: string): string {
  return names.length === 0 ? none : names.join(', ');
}

function layerOf(file: string): Layer | undefined {
  return LAYERS.find(({ of }) => covers(of, file));
}

function covers(name: string, target: string): boolean {
  return name.endsWith('/') || name.endsWith(':') ? target.startsWith(name) : target === name;
}

/** One cycle for each group of files that import each other, found by walking the imports depth-first. */
function cyclesOf({ files, edges }: ImportGraph): readonly (readonly string[])[] {
  const imports = Map.groupBy(edges, ({ from }) => from);
  const finished = new Set<string>();
  const cycles: string[][] = [];
  function visit(file: string, path: readonly string[]): void {
    const at = path.indexOf(file);
    if (at !== -1) cycles.push([...path.slice(at), file]);
    if (at !== -1 || finished.has(file)) return;
    for (const { to } of imports.get(file) ?? []) visit(to, [...path, file]);
    finished.add(file);
  }
  for (const file of files) visit(file, []);
  return cycles;
}

/** Files of `src` that the program does not consist of. */
function unreachedFrom(entry: string, { files, edges }: ImportGraph): readonly string[] {
  const imports = Map.groupBy(edges, ({ from }) => from);
  const reached = new Set([entry]);
  for (const file of reached) for (const { to } of imports.get(file) ?? []) reached.add(to);
  return files.filter((file) => file.startsWith('src/') && !reached.has(file));
}
