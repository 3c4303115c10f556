import { globSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Part } from '../demo/processes.ts';
import { Stage } from '../service/stage.ts';
import { FULL_ACCESS_KEY } from '../sim/pagerduty/reference-world.ts';
import { freePort } from '../support/free-port.ts';
import { runShell } from './run-shell.ts';
import { shellBlocks, type ShellBlock } from './shell-blocks.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENTS = ['README.md', ...globSync('docs/*.md', { cwd: ROOT }).sort()].map((file) => ({
  file,
  blocks: shellBlocks(readFileSync(join(ROOT, file), 'utf8')),
}));

/** Where the documents say that settings lie; in the test it is the folder of the stage. */
const SETTINGS = '/etc/oncall-approver';
const SERVICE_DEADLINE_MS = 15_000;
/** A block is up to ten commands, each a process of its own. */
const BLOCK_DEADLINE_MS = 90_000;

describe.each(DOCUMENTS.filter(({ blocks }) => blocks.some(isRunnable)))('$file', ({ blocks }) => {
  let stage: Stage;
  let folder: string;

  beforeAll(async () => {
    stage = await Stage.open({ config: { http: { listen: `127.0.0.1:${await freePort()}` } } });
    const id = stage.request('sre-1');
    await stage.done('review', id);
    await symlink(stage.configFile, join(stage.folder, 'oncall-approver.yaml'));
    folder = await checkOut();
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  function here(commands: string): string {
    return commands.replaceAll(SETTINGS, stage.folder);
  }
  function run(commands: string) {
    return runShell(here(commands), {
      cwd: folder,
      environment: {
        ...process.env,
        PATH: `${join(folder, 'bin')}:${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
        NEW_KEY: FULL_ACCESS_KEY,
        // Where nothing is said of it, the configuration lies where the documents say that it does.
        ONCALL_APPROVER_CONFIG: `${stage.folder}/oncall-approver.yaml`,
      },
    });
  }

  it.each(blocks.filter(({ treatment }) => treatment.kind === 'run' || treatment.kind === 'while-running'))(
    'line $line works as it stands',
    async ({ commands }) => {
      const { code, output } = await run(commands);
      expect(code, output).toBe(0);
    },
    BLOCK_DEADLINE_MS,
  );

  it.each(blocks.filter(({ treatment }) => treatment.kind === 'service'))(
    'line $line starts the service, which ends in order',
    async ({ commands }) => {
      await stage.stopService();
      // To npm alone, as systemd or a container would: it must reach the service behind it.
      const service = new Part('bash', ['-c', `cd ${folder}; exec ${here(commands)}`], 'stderr', 'setsid');
      await service.line('the service', ({ msg }) => msg === 'watching access requests', SERVICE_DEADLINE_MS);
      process.kill(service.pid, 'SIGTERM');
      await service.line('the end', ({ msg }) => msg === 'stopped', SERVICE_DEADLINE_MS);
      await service[Symbol.asyncDispose]();
      await stage.startService();
    },
  );

  it.each(blocks.filter(({ treatment }) => treatment.kind === 'ci'))(
    'line $line is what CI runs',
    ({ commands }) => {
      const ci = readFileSync(join(ROOT, '.ci/run'), 'utf8');
      for (const command of commands.split(/\n|&&/u)) {
        expect(ci).toContain(command.replace(/#.*$/u, '').trim());
      }
    },
  );
});

function isRunnable({ treatment }: ShellBlock): boolean {
  return treatment.kind !== 'not-run' && treatment.kind !== 'walked';
}

/** A folder that looks like the source checked out, with the program in the path. */
async function checkOut(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-docs-'));
  const parts = ['package.json', 'src', 'test', 'config', 'docs', 'node_modules'];
  await Promise.all(parts.map((part) => symlink(join(ROOT, part), join(folder, part))));
  const bin = join(folder, 'bin');
  const program = join(bin, 'oncall-approver');
  await mkdir(bin);
  await writeFile(program, `#!/bin/sh\nexec node ${join(ROOT, 'src/main.ts')} "$@"\n`);
  await chmod(program, 0o755);
  return folder;
}
