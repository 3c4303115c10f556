import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ConfigError } from '../../src/config/config-error.ts';
import { init } from '../../src/commands/init.ts';
import { lintRules } from '../../src/commands/rules/lint.ts';
import { testRules } from '../../src/commands/rules/test.ts';
import { loadConfig } from '../../src/config/load.ts';
import { CapturedTerminal } from './captured-terminal.ts';

const ANSWERS = {
  teleport: 'teleport.example.com:443',
  from: 'oncall-approver@example.com',
  role: 'prod: "access"',
  service: "Payments' API #1",
  page: 'Access requests',
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'init-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function input(isTTY: boolean, text = ''): NodeJS.ReadStream {
  const stream = Object.assign(new PassThrough(), { isTTY });
  if (text !== '') stream.end(text);
  return stream as unknown as NodeJS.ReadStream;
}

describe('`init`', () => {
  it('writes settings, roles and cases that hold together, and says what to do next', async () => {
    const terminal = new CapturedTerminal();
    const into = join(folder, 'new');
    const config = join(into, 'oncall-approver.yaml');

    expect(await init(into, ANSWERS, terminal, input(false))).toBe(0);

    expect(terminal.text).toContain(`oncall-approver check --config ${config}`);
    expect(await testRules([join(into, 'rules-test.yaml')], { config }, terminal)).toBe(0);
    expect(await lintRules({ config }, terminal)).toBe(0);
    const roles = parseAllDocuments(readFileSync(join(into, 'teleport-roles.yaml'), 'utf8')).map(
      (role) =>
        role.toJS() as { metadata: { name: string }; spec: { allow: Record<string, { roles: string[] }> } },
    );
    expect(roles.map(({ metadata }) => metadata.name)).toEqual([
      'oncall-approver',
      'oncall-approver-requester',
    ]);
    expect(roles.map(({ spec }) => (spec.allow['review_requests'] ?? spec.allow['request'])?.roles)).toEqual([
      [ANSWERS.role],
      [ANSWERS.role],
    ]);
  });

  it('asks for what no option says', async () => {
    const { page, service, ...told } = ANSWERS;

    await init(folder, told, new CapturedTerminal(), input(true, `${service}\n${page}\n`));

    expect(readFileSync(join(folder, 'oncall-approver.yaml'), 'utf8')).toContain(`services: ["${service}"]`);
  });

  it('names the options that are missing where nobody can answer', async () => {
    const { teleport, from, service } = ANSWERS;
    const told = { teleport, from, service };

    await expect(init(folder, told, new CapturedTerminal(), input(false))).rejects.toThrow(
      /`--role`, `--page`/u,
    );
  });

  it('writes over nothing', async () => {
    await init(folder, ANSWERS, new CapturedTerminal(), input(false));
    const before = readdirSync(folder);

    await expect(
      init(folder, { ...ANSWERS, role: 'other' }, new CapturedTerminal(), input(false)),
    ).rejects.toThrow(/is there already/u);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(join(folder, 'rules-test.yaml'), 'utf8')).not.toContain('other');
  });

  it.each<[string, Partial<typeof ANSWERS>, RegExp]>([
    [
      'no addresses',
      { from: 'nobody', teleport: 'x' },
      /teleport\.addr: must be host:port[\s\S]*pagerduty\.from: must be the e-mail/u,
    ],
    ['nothing but a space', { role: ' ' }, /must not be empty/u],
    ['every role there is', { role: '*' }, /covers every role/u],
    ['a role of our own', { role: 'oncall-approver ' }, /name of a role that is made for this service/u],
    ['a regular expression', { role: '^prod.*$' }, /regular expression to Teleport/u],
  ])('refuses an answer that is none, before anything is written: %s', async (_what, wrong, told) => {
    const refused = init(folder, { ...ANSWERS, ...wrong }, new CapturedTerminal(), input(false));

    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(told);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['no', '1e3', '0x10', '2026-01-01', '~', 'a: b # c', 'a\nb', '- x', '{{x}}', ' spaces ', 'prod-*'])(
    'writes a text as it is meant: %j',
    async (text) => {
      const config = join(folder, 'oncall-approver.yaml');
      const answers = { ...ANSWERS, role: text, service: text };
      await init(folder, answers, new CapturedTerminal(), input(false));

      const [rule] = loadConfig(config, {}, { offline: true }).policy.rules;
      const roles = readFileSync(join(folder, 'teleport-roles.yaml'), 'utf8');
      expect(rule).toMatchObject({ roles: [text.trim()], onCall: { services: [text.trim()] } });
      // As Teleport reads it: YAML 1.1.
      expect(
        parseAllDocuments(roles, { version: '1.1' }).map((role) =>
          role.getIn(['spec', 'allow', 'request', 'roles', 0]),
        ),
      ).toEqual([undefined, text.trim()]);
      expect(await testRules([join(folder, 'rules-test.yaml')], { config }, new CapturedTerminal())).toBe(0);
    },
  );

  it('says commands that a shell takes as they stand, in lines of a terminal, and leaves nothing half written', async () => {
    const terminal = new CapturedTerminal();
    await init(join(folder, "it's new"), ANSWERS, terminal, input(false));
    mkdirSync(join(folder, 'half/rules-test.yaml'), { recursive: true });

    expect(terminal.text).toContain(`tctl create '${folder}/it'\\''s new/teleport-roles.yaml'`);
    await expect(init(join(folder, 'half'), ANSWERS, terminal, input(false))).rejects.toThrow(
      /there already/u,
    );
    expect(readdirSync(join(folder, 'half'))).toEqual(['rules-test.yaml']);
    await expect(
      init(join(folder, "it's new/teleport-roles.yaml"), ANSWERS, terminal, input(false)),
    ).rejects.toThrow(/cannot be written to .*name another folder/u);
  });
});
