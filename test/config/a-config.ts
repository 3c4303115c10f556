import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig, type Config } from '../../src/config/load.ts';

/** The least that a configuration must say; its lines are what the tests of messages count. */
export const LEAST = `teleport:
  addr: teleport.example.com:443
  identity: identity
pagerduty:
  api_key_file: key
  from: oncall-approver@example.com
identities:
  - trait: email
rules:
  - name: prod-oncall
    roles: [prodaccess]
    on_call:
      services: [Payments API]
    escalate:
      service: Access requests
`;

export type Environment = Readonly<Record<string, string>>;

export interface ConfigFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes the text into the folder's configuration file and loads that. */
  load(text: string, environment?: Environment): Promise<Config>;
  /** What is wrong with the text, line by line, without the heading; fails when nothing is. */
  problems(text: string, environment?: Environment): Promise<readonly string[]>;
}

/** A folder with a configuration in it, and the files that `LEAST` names. */
export async function aConfigFolder(): Promise<ConfigFolder> {
  const path = await mkdtemp(join(tmpdir(), 'config-'));
  const file = join(path, 'oncall-approver.yaml');
  await writeFile(join(path, 'identity'), '');
  await writeFile(join(path, 'key'), 'the-pagerduty-key\n');

  async function load(text: string, environment: Environment = {}): Promise<Config> {
    await writeFile(file, text);
    return loadConfig(file, environment);
  }

  return {
    path,
    load,
    async problems(text, environment) {
      const error = await load(text, environment).then(
        () => new Error('nothing is wrong with it'),
        (reason: unknown) => reason,
      );
      if (!(error instanceof ConfigError)) throw error;
      const [heading, ...problems] = error.message.replaceAll(path, '').split('\n');
      const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
      if (heading !== `/oncall-approver.yaml: ${count}`) throw error;
      return problems.map((problem) => problem.trim());
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
