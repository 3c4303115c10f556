import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CONFIG = join(import.meta.dirname, '../../.dependency-cruiser.mjs');

const ALLOWED = [
  ['src/core/decide.ts', 'src/core/rule.ts'],
  ['src/core/effects/due-effects.ts', 'src/core/wording/notes.ts'],
  ['src/ports/ledger.ts', 'src/core/values/instant.ts'],
  ['src/review/effects/carry-out.ts', 'src/review/facts/resolve-targets.ts'],
  ['src/review/effects/carry-out.ts', 'node:timers/promises'],
  ['src/teleport/connection/client.ts', '@grpc/grpc-js'],
  ['src/ledger/sqlite/ledger.ts', 'node:sqlite'],
  ['src/telemetry/logger.ts', 'pino'],
  ['src/doctor/check-teleport.ts', 'src/review/dependencies.ts'],
  ['src/doctor/carried-by-several.ts', 'node:sqlite'],
  ['src/service/start-service.ts', 'src/ledger/sqlite/ledger.ts'],
  ['src/program.ts', 'src/commands/run.ts'],
  ['test/core/decide.test.ts', 'test/support/builders.ts'],
  ['test/service/scenes.test.ts', 'src/service/start-service.ts'],
] as const;

const REFUSED = [
  ['the core reaches out to Node', 'src/core/on-call.ts', 'node:crypto'],
  ['the core takes a package', 'src/core/facts.ts', 'zod'],
  ['the core knows a port', 'src/core/coverage.ts', 'src/ports/ledger.ts'],
  ['the record knows what follows from it', 'src/core/record/story.ts', 'src/core/effects/due-effects.ts'],
  ['the record knows its wording', 'src/core/record/story.ts', 'src/core/wording/notes.ts'],
  ['the wording knows what is due', 'src/core/wording/pages.ts', 'src/core/effects/due-effects.ts'],
  ['a port knows an adapter', 'src/ports/clock.ts', 'src/ledger/sqlite/ledger.ts'],
  ['facts know effects', 'src/review/facts/listening.ts', 'src/review/effects/carry-out.ts'],
  ['effects know the follow-up', 'src/review/effects/own-page.ts', 'src/review/follow-up/follow-up.ts'],
  ['a use case knows an adapter', 'src/review/with-claim.ts', 'src/teleport/connection/client.ts'],
  ['a use case reads files', 'src/review/follow-up/hear-answers.ts', 'node:fs'],
  ['the sweep knows the watcher', 'src/review/sweep.ts', 'src/watcher/watch-requests.ts'],
  ['the watcher knows a use case', 'src/watcher/keyed-queue.ts', 'src/review/stage.ts'],
  ['an adapter knows its sibling', 'src/teleport/locks.ts', 'src/pagerduty/http/client.ts'],
  ['an adapter knows the configuration', 'src/pagerduty/admin.ts', 'src/config/load.ts'],
  ['an adapter uses the driver of another', 'src/teleport/users.ts', '@pagerduty/pdjs'],
  ['an adapter opens a database', 'src/teleport/watch.ts', 'node:sqlite'],
  ['the survey opens a database', 'src/doctor/survey-owners.ts', 'node:sqlite'],
  ['the schedule knows its jobs', 'src/schedule/cron.ts', 'src/review/stage.ts'],
  ['the configuration knows a port', 'src/config/load.ts', 'src/ports/ledger.ts'],
  ['the service uses a package', 'src/service/connections.ts', 'zod'],
  ['the service opens a database', 'src/service/record-keeping.ts', 'node:sqlite'],
  ['the service knows a command', 'src/service/monitoring.ts', 'src/commands/run.ts'],
  ['a command knows main', 'src/commands/check.ts', 'src/main.ts'],
  ['the program goes around its commands', 'src/node-version.ts', 'src/service/start-service.ts'],
  ['the source knows a test', 'src/commands/schema.ts', 'test/support/builders.ts'],
  ['a test of the core knows more', 'test/core/rule.test.ts', 'src/review/stage.ts'],
  ['a test of the core reaches out to Node', 'test/core/facts.test.ts', 'node:fs'],
  ['an import leads nowhere', 'test/service/stage.ts', 'test/gone.ts'],
  ['files import each other', 'src/commands/a.ts', 'src/commands/b.ts'],
] as const;

describe('the walls', () => {
  let root: string;
  let refused: ReadonlySet<string>;
  let rules: readonly string[];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'walls-'));
    const files = new Map<string, string>([
      ['src/main.ts', "import './program.ts';\n"],
      ['src/helpers/misc.ts', "import '../core/rule.ts';\n"],
      ['src/commands/b.ts', "import './a.ts';\n"],
      ['src/core/old.ts', ''],
    ]);
    for (const [from, to] of [...ALLOWED, ...REFUSED.map(([, ...pair]) => pair)]) {
      const isFile = to.endsWith('.ts');
      const spelled = isFile ? `${'../'.repeat(from.split('/').length - 1)}${to}` : to;
      files.set(from, `${files.get(from) ?? ''}import '${spelled}';\n`);
      if (isFile && to !== 'test/gone.ts') files.set(to, files.get(to) ?? '');
      if (!isFile && !to.startsWith('node:')) {
        files.set(`node_modules/${to}/package.json`, `{"name":"${to}","main":"main.js"}`);
        files.set(`node_modules/${to}/main.js`, '');
      }
    }
    for (const [path, text] of files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    const options = await extractOptions(CONFIG);
    const { output } = await cruise(['src', 'test'], { ...options, baseDir: root, validate: true });
    if (typeof output === 'string') throw new TypeError(output);
    const { violations } = output.summary;
    refused = new Set(violations.map(({ from, to }) => `${from} ${to.replace(/^(?:\.\.\/)+/u, '')}`));
    rules = violations.map(({ rule, from, to }) => `${rule.name}: ${from} ${to}`);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const resolved = (to: string) => {
    if (to.startsWith('node:')) return to.slice('node:'.length);
    return to.endsWith('.ts') ? to : `node_modules/${to}/main.js`;
  };

  it.each(ALLOWED)('let %s import %s', (from, to) => {
    expect(refused).not.toContain(`${from} ${resolved(to)}`);
  });

  it.each(REFUSED)('are broken when %s', (_, from, to) => {
    const names = [`${from} ${resolved(to)}`, `${from} ${to}`];
    expect([...refused].filter((each) => names.includes(each))).not.toEqual([]);
  });

  it('have a part for every file, and reach every file from main', () => {
    expect(rules).toContain('no part: src/helpers/misc.ts src/core/rule.ts');
    expect(rules.filter((each) => each.startsWith('not reached') && each.includes('old.ts'))).toHaveLength(1);
  });
});
