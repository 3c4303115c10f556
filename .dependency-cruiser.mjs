/* The walls of the house: which part may import which. `npm run check:layers` looks; docs/architecture.md says what each part is. */

/*
 * What a part may import besides itself. A name that ends with a slash is a folder, `npm:` begins a package, `node:*` is all that comes
 * with Node. Whatever is not listed is refused. The first part that a file belongs to counts.
 */
const PARTS = [
  // The core: pure. What is recorded knows neither what follows from it nor how it is worded.
  ['src/core/values/', []],
  ['src/core/record/', ['src/core/'], { but: ['src/core/effects/', 'src/core/wording/'] }],
  ['src/core/wording/', ['src/core/'], { but: ['src/core/effects/'] }],
  ['src/core/', []],
  ['src/ports/', ['src/core/']],
  // The use cases: facts are gathered, effects carried out, answers heard; the ten steps at the door know all three.
  [
    'src/review/facts/',
    ['src/core/', 'src/ports/', 'src/review/', 'node:timers/promises'],
    { but: ['src/review/effects/', 'src/review/follow-up/'] },
  ],
  [
    'src/review/effects/',
    ['src/core/', 'src/ports/', 'src/review/', 'node:timers/promises'],
    { but: ['src/review/follow-up/'] },
  ],
  ['src/review/', ['src/core/', 'src/ports/', 'node:timers/promises']],
  // What is known of PagerDuty ahead of need.
  ['src/roster/', ['src/core/', 'src/ports/', 'src/review/cause-of.ts', 'node:timers/promises']],
  ['src/watcher/', ['src/core/', 'src/ports/', 'node:timers/promises']],
  // What given access is used for.
  ['src/usage/', ['src/core/', 'src/ports/']],
  // Adapters: one protocol or driver each.
  [
    'src/teleport/connection/',
    [
      'src/core/',
      'src/ports/',
      'src/teleport/proto/',
      'node:*',
      'npm:@grpc/grpc-js',
      'npm:@grpc/proto-loader',
      'npm:ws',
      'npm:zod',
    ],
  ],
  [
    'src/teleport/',
    ['src/core/', 'src/ports/', 'node:*', 'npm:@grpc/grpc-js', 'npm:@grpc/proto-loader', 'npm:zod'],
  ],
  [
    'src/pagerduty/http/',
    [
      'src/core/',
      'src/ports/',
      // The names of the scopes that its reads need.
      'src/pagerduty/webhook-subscriptions.ts',
      'node:*',
      'npm:@pagerduty/pdjs',
      'npm:cockatiel',
      'npm:zod',
    ],
  ],
  ['src/pagerduty/', ['src/core/', 'src/ports/', 'node:*', 'npm:zod']],
  ['src/ledger/', ['src/core/', 'src/ports/', 'node:*', 'npm:pg', 'npm:zod']],
  ['src/schedule/', ['npm:node-cron']],
  [
    'src/telemetry/otlp/',
    [
      'src/core/',
      'src/ports/',
      'src/telemetry/trace-id.ts',
      'node:*',
      'npm:@opentelemetry/api',
      'npm:@opentelemetry/exporter-metrics-otlp-http',
      'npm:@opentelemetry/exporter-trace-otlp-http',
      'npm:@opentelemetry/resources',
      'npm:@opentelemetry/sdk-metrics',
      'npm:@opentelemetry/sdk-trace',
      'npm:prom-client',
    ],
  ],
  ['src/telemetry/', ['src/core/', 'src/ports/', 'node:*', 'npm:pino', 'npm:pino-pretty', 'npm:prom-client']],
  [
    'src/http/pages/',
    [
      'src/core/',
      'src/ports/',
      'src/traceability/',
      'src/http/server.ts',
      'src/review/explain-request.ts',
      'src/telemetry/readiness.ts',
      'src/version.ts',
      'node:*',
      'npm:fastify',
      'npm:htm',
      'npm:preact',
      'npm:preact-render-to-string',
      'npm:zod',
    ],
  ],
  [
    'src/http/',
    ['src/core/', 'src/ports/', 'src/telemetry/readiness.ts', 'node:*', 'npm:fastify', 'npm:zod'],
  ],
  ['src/config/', ['src/core/', 'node:*', 'npm:fastest-levenshtein', 'npm:smol-toml', 'npm:yaml', 'npm:zod']],
  [
    'src/rules/',
    [
      'src/core/',
      'src/ports/',
      'src/config/',
      'src/review/explain-request.ts',
      'src/review/facts/gather-facts.ts',
      'src/review/facts/read-on-call.ts',
      'src/roster/create-roster.ts',
      'npm:zod',
    ],
  ],
  ['src/doctor/carried-by-several.ts', ['src/core/', 'src/ports/', 'node:sqlite']],
  ['src/doctor/', ['src/core/', 'src/ports/', 'src/review/dependencies.ts', 'npm:fastest-levenshtein']],
  ['src/traceability/', ['src/core/', 'src/ports/']],
  // Putting it together.
  ['src/version.ts', ['node:*']],
  ['src/node-version.ts', []],
  ['src/service/', ['src/', 'node:*']],
  ['src/commands/', ['src/', 'node:*', 'npm:@commander-js/extra-typings']],
  ['src/program.ts', ['src/commands/']],
  ['src/main.ts', ['src/node-version.ts', 'src/program.ts']],
  ['test/core/', ['src/core/', 'test/support/', 'npm:vitest', 'npm:fast-check']],
  ['test/', ['src/', 'scripts/', 'node:*', 'npm:*']],
  ['scripts/', ['node:*', 'npm:*']],
];

/** What may be imported from one place alone, even where a wall has a door for it. */
const FENCES = [
  // The file of the latter is nobody's record: it is gone with the process.
  ['node:sqlite', ['src/ledger/', 'src/doctor/carried-by-several.ts']],
  ['src/ledger/sqlite/', ['src/ledger/', 'src/commands/', 'src/service/']],
  ['src/commands/', ['src/program.ts', 'src/commands/']],
  ['src/service/', ['src/commands/', 'src/service/']],
  ['src/program.ts', ['src/main.ts']],
  ['src/main.ts', []],
];

const GENERATED = '^src/teleport/proto/generated/';

/** The pattern of the paths that a name stands for, as dependency-cruiser resolves them. */
function patternOf(name) {
  const text = name.replace(/^(npm|node):/u, '').replace(/[.+*?^${}()|[\]\\]/gu, '\\$&');
  if (name === 'npm:*') return 'node_modules/';
  if (name.startsWith('npm:')) return `node_modules/(@types/)?${text}/`;
  if (name.startsWith('node:')) return `^(node:)?${text}$`;
  return name.endsWith('/') ? `^${text}` : `^${text}$`;
}

function wallsOf([name, may, { but = [] } = {}], index) {
  const inner = PARTS.slice(0, index).map(([other]) => patternOf(other));
  const from = { path: patternOf(name), pathNot: [GENERATED, ...inner] };
  const doors = [name, ...may.filter((each) => each !== 'node:*')].map(patternOf);
  const others = { pathNot: doors, ...(may.includes('node:*') ? { dependencyTypesNot: ['core'] } : {}) };
  const comment = `${name} may import ${may.join(', ') || 'nothing'} besides itself${but.length > 0 ? `, but not ${but.join(', ')}` : ''}`;
  const wall = (to) => ({ name, severity: 'error', comment, from, to });
  return [wall(others), ...(but.length > 0 ? [wall({ path: but.map(patternOf) })] : [])];
}

function fenceOf([name, within]) {
  return {
    name: `fence around ${name}`,
    severity: 'error',
    comment: `only ${within.join(', ') || 'nobody'} may import ${name}`,
    from: { path: '^src/', pathNot: [patternOf(name), ...within.map(patternOf)] },
    to: { path: patternOf(name) },
  };
}

export default {
  forbidden: [
    ...PARTS.flatMap(wallsOf),
    ...FENCES.map(fenceOf),
    {
      name: 'no part',
      severity: 'error',
      comment: 'every file belongs to a part',
      from: { path: '^(src|test|scripts)/', pathNot: PARTS.map(([name]) => patternOf(name)) },
      to: {},
    },
    {
      name: 'only where configured',
      severity: 'error',
      comment:
        'the libraries of OpenTelemetry take memory: they are imported where a collector is configured alone',
      from: { path: '^src/', pathNot: '^src/telemetry/otlp/' },
      to: { path: '^src/telemetry/otlp/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    { name: 'leads nowhere', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no cycles', severity: 'error', from: { pathNot: GENERATED }, to: { circular: true } },
    {
      name: 'not reached',
      severity: 'error',
      comment: 'the program consists of all that is in src',
      from: { path: '^src/main[.]ts$' },
      to: { path: '^src/', pathNot: GENERATED, reachable: false },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
    exclude: { path: [GENERATED, '[.](proto|css|json|md)$'] },
  },
};
