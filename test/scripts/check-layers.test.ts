import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importGraphOf } from '../../scripts/import-graph.ts';
import { violationsOf, type Edge, type ImportGraph } from '../../scripts/layers.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** A graph of enough files that keeps to every rule, and these imports besides. */
function aGraph(...imports: readonly (readonly [from: string, to: string])[]): ImportGraph {
  const edges: Edge[] = imports.map(([from, to]) => ({ from, to }));
  const filler = Array.from({ length: 30 }, (_, index) => `test/filler-${index}.ts`);
  const named = edges.flatMap(({ from, to }) => [from, to]).filter((each) => /^[a-z]+\//u.test(each));
  return { files: [...new Set([...filler, ...named])], edges };
}

/** What one forbidden import is told to be: whether its file is reached from main.ts is another matter. */
function verdictOn(from: string, to: string): readonly string[] {
  return violationsOf(aGraph([from, to])).filter((violation) => !violation.includes('is not reached'));
}

describe('the layers', () => {
  it('hold in this project', async () => {
    const graph = await importGraphOf(PROJECT, ['src']);

    expect(violationsOf(graph)).toEqual([]);
  });

  it.each([
    ['src/core/decide.ts', 'src/core/rule.ts'],
    ['src/ports/ledger.ts', 'src/core/values/instant.ts'],
    ['src/review/effects/carry-out.ts', 'src/ports/teleport.ts'],
    ['src/review/effects/carry-out.ts', 'node:timers/promises'],
    ['src/watcher/keyed-queue.ts', 'node:timers/promises'],
    ['src/teleport/connection/client.ts', 'npm:@grpc/grpc-js'],
    ['src/pagerduty/http/client.ts', 'npm:@pagerduty/pdjs'],
    ['src/ledger/sqlite/ledger.ts', 'node:sqlite'],
    ['src/schedule/cron.ts', 'npm:node-cron'],
    ['src/telemetry/logger.ts', 'npm:pino'],
    ['src/config/load.ts', 'npm:yaml'],
    ['src/doctor/check-teleport.ts', 'src/review/dependencies.ts'],
    ['src/service/start-service.ts', 'src/ledger/sqlite/ledger.ts'],
    ['src/commands/run.ts', 'src/service/start-service.ts'],
    ['src/main.ts', 'src/program.ts'],
    ['src/program.ts', 'src/commands/run.ts'],
    ['test/core/decide.test.ts', 'test/support/builders.ts'],
    ['test/service/scenes.test.ts', 'src/service/start-service.ts'],
  ])('let %s import %s', (from, to) => {
    expect(verdictOn(from, to)).toEqual([]);
  });

  it.each([
    ['the core reaches out to Node', 'src/core/decide.ts', 'node:crypto'],
    ['the core takes a package', 'src/core/decide.ts', 'npm:zod'],
    ['the core knows a port', 'src/core/decide.ts', 'src/ports/ledger.ts'],
    ['a port knows an adapter', 'src/ports/ledger.ts', 'src/ledger/sqlite/ledger.ts'],
    ['a use case knows an adapter', 'src/review/effects/carry-out.ts', 'src/teleport/connection/client.ts'],
    ['a use case reads files', 'src/review/effects/carry-out.ts', 'node:fs'],
    ['the sweep knows the watcher', 'src/review/sweep.ts', 'src/watcher/watch-requests.ts'],
    ['the watcher knows a use case', 'src/watcher/keyed-queue.ts', 'src/review/sweep.ts'],
    ['an adapter knows its sibling', 'src/teleport/connection/client.ts', 'src/pagerduty/http/client.ts'],
    ['an adapter knows the configuration', 'src/pagerduty/http/client.ts', 'src/config/load.ts'],
    ['an adapter uses the driver of another', 'src/teleport/connection/client.ts', 'npm:@pagerduty/pdjs'],
    ['an adapter opens a database', 'src/teleport/connection/client.ts', 'node:sqlite'],
    ['the schedule knows its jobs', 'src/schedule/cron.ts', 'src/review/sweep.ts'],
    ['the logger knows the configuration', 'src/telemetry/logger.ts', 'src/config/schema.ts'],
    ['the configuration knows a port', 'src/config/load.ts', 'src/ports/clock.ts'],
    ['the doctor knows more of the use cases', 'src/doctor/check-teleport.ts', 'src/review/sweep.ts'],
    ['the service uses a package', 'src/service/start-service.ts', 'npm:zod'],
    ['the service opens a database', 'src/service/start-service.ts', 'node:sqlite'],
    ['the service knows a command', 'src/service/start-service.ts', 'src/commands/run.ts'],
    ['a command uses a package', 'src/commands/run.ts', 'npm:commander'],
    ['a command knows main', 'src/commands/run.ts', 'src/main.ts'],
    ['the program goes around its commands', 'src/program.ts', 'src/service/start-service.ts'],
    ['main loads more than its check of Node', 'src/main.ts', 'npm:commander'],
    ['the source knows a test', 'src/commands/demo.ts', 'test/demo/main.ts'],
    ['the source knows a script', 'src/version.ts', 'scripts/layers.ts'],
    ['a test of the core knows more', 'test/core/decide.test.ts', 'src/review/facts/gather-facts.ts'],
    ['a test of the core reaches out to Node', 'test/core/decide.test.ts', 'node:fs'],
    ['an import leads nowhere', 'test/service/stage.ts', 'unresolved:../builder.ts'],
  ])('are broken when %s', (_, from, to) => {
    expect(verdictOn(from, to)).toEqual([expect.stringContaining(`${from} may not import ${to}`)]);
  });

  it('have a place for every file', () => {
    expect(violationsOf(aGraph(['src/main.ts', 'src/helpers/misc.ts']))).toContain(
      'src/helpers/misc.ts is in no layer',
    );
  });

  it('refuse files that import each other, and name the way around', () => {
    const graph = aGraph(
      ['src/main.ts', 'src/program.ts'],
      ['src/program.ts', 'src/commands/a.ts'],
      ['src/commands/a.ts', 'src/commands/b.ts'],
      ['src/commands/b.ts', 'src/commands/c.ts'],
      ['src/commands/c.ts', 'src/commands/b.ts'],
    );

    expect(violationsOf(graph)).toEqual(['cycle: src/commands/b.ts → src/commands/c.ts → src/commands/b.ts']);
  });

  it('refuse source that the program does not consist of, also where it imports each other', () => {
    const graph = aGraph(['src/main.ts', 'src/program.ts'], ['src/core/old.ts', 'src/core/older.ts']);

    expect(violationsOf(graph)).toEqual([
      'src/core/old.ts is not reached from src/main.ts',
      'src/core/older.ts is not reached from src/main.ts',
    ]);
  });

  it('are not held to be kept when next to nothing was seen', () => {
    expect(violationsOf({ files: ['src/main.ts'], edges: [] })).toEqual([
      'only 1 files were seen, at least 30 were expected',
    ]);
  });
});

describe('the import graph', () => {
  it('has imports of every form: values, types, exports, dynamic, built-in, packages, missing files', async () => {
    await using tree = await aTree({
      'node_modules/@scope/pack/package.json': '{"name":"@scope/pack","main":"part.js"}',
      'node_modules/@scope/pack/part.js': '',
      'src/target.ts': 'export interface Shape {}\nexport const value = 1;\n',
      'src/value.ts': "import { value } from './target.ts';\nexport const copy = value;\n",
      'src/type.ts': "import type { Shape } from './target.ts';\nexport type Copy = Shape;\n",
      'src/inline-type.ts': "import { type Shape } from './target.ts';\nexport type Copy = Shape;\n",
      'src/export.ts': "export { value } from './target.ts';\n",
      'src/side-effect.ts': "import './target.ts';\n",
      'src/dynamic.ts': "export const later = import('./target.ts');\n",
      'src/built-in.ts': "import { readFileSync } from 'fs';\nexport { readFileSync };\n",
      'src/package.ts': "import part from '@scope/pack/part.js';\nexport { part };\n",
      'src/missing.ts': "import { gone } from './gone.ts';\nexport { gone };\n",
    });

    const { files, edges } = await importGraphOf(tree.root, ['src']);

    expect(files).toHaveLength(10);
    expect(Object.fromEntries(edges.map(({ from, to }) => [from, to]))).toEqual({
      'src/value.ts': 'src/target.ts',
      'src/type.ts': 'src/target.ts',
      'src/inline-type.ts': 'src/target.ts',
      'src/export.ts': 'src/target.ts',
      'src/side-effect.ts': 'src/target.ts',
      'src/dynamic.ts': 'src/target.ts',
      'src/built-in.ts': 'node:fs',
      'src/package.ts': 'npm:@scope/pack',
      'src/missing.ts': 'unresolved:./gone.ts',
    });
  });
});

async function aTree(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'layers-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
