import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate } from '../../src/commands/migrate.ts';
import { loadConfig } from '../../src/config/load.ts';
import { CapturedTerminal } from './captured-terminal.ts';

/** As `teleport-pagerduty configure` prints it. */
const EXAMPLE = `# example teleport-pagerduty configuration TOML file
[teleport]
addr = "example.com:3025"                                   # Teleport Auth Server GRPC API address
client_key = "/var/lib/teleport/plugins/pagerduty/auth.key" # Teleport GRPC client secret key
client_crt = "/var/lib/teleport/plugins/pagerduty/auth.crt" # Teleport GRPC client certificate
root_cas = "/var/lib/teleport/plugins/pagerduty/auth.cas"   # Teleport cluster CA certs

[pagerduty]
api_key = "key"               # PagerDuty API Key
user_email = "me@example.com" # PagerDuty bot user email (Could be admin email)

[log]
output = "stderr" # Logger output. Could be "stdout", "stderr" or "/var/lib/teleport/pagerduty.log"
severity = "WARN" # Logger severity. Could be "INFO", "ERROR", "DEBUG" or "WARN".
`;
const role = (name: string, annotations: string, roles = '[prodaccess]') =>
  `kind: role\nmetadata: { name: ${name} }\nspec: { allow: { request: { roles: ${roles}, annotations: { ${annotations} } } } }\n`;
const SERVICES = 'pagerduty_services: [Payments API]';
const NOTIFY = 'pagerduty_notify_service: [Access requests]';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'migrate-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function migrated(toml: string, ...roles: readonly string[]) {
  writeFileSync(join(folder, 'plugin.toml'), toml);
  writeFileSync(join(folder, 'roles.yaml'), roles.join('---\n'));
  const terminal = new CapturedTerminal();
  const output = join(folder, 'settings');
  expect(
    await migrate(join(folder, 'plugin.toml'), { roles: join(folder, 'roles.yaml'), output }, terminal),
  ).toBe(0);
  const file = join(output, 'oncall-approver.yaml');
  return { said: terminal.text, output, config: loadConfig(file, {}, { offline: true }) };
}

it("the plugin's own example becomes settings that are right, its key a file for the service alone", async () => {
  const { config, said, output } = await migrated(EXAMPLE, role('sres', `${SERVICES}, ${NOTIFY}`));

  const [rule] = config.policy.rules;
  expect(config.teleport).toMatchObject({
    addr: 'example.com:3025',
    client_key: '/var/lib/teleport/plugins/pagerduty/auth.key',
  });
  expect(config.pagerduty.from).toBe('me@example.com');
  expect(config.pagerduty.readKey.reveal()).toBe('key');
  expect(statSync(join(output, 'pagerduty-key')).mode & 0o777).toBe(0o600);
  const settings = readFileSync(join(output, 'oncall-approver.yaml'), 'utf8');
  expect(settings).not.toContain('"key"');
  expect(settings).toContain('urgency: as_service');
  expect(config.log).toEqual({ output: 'stderr', level: 'warn' });
  expect(rule).toMatchObject({ roles: ['prodaccess'], mode: 'shadow', otherwise: 'escalate' });
  for (const told of ['require_sso', 'event orchestration', 'api_key stood in the file']) {
    expect(said).toContain(told);
  }
});

it('what the rule cannot stand for is said: roles that only page, patterns, keys of the file', async () => {
  const toml = EXAMPLE.replace('api_key = "key"', 'api_key = "/run/secrets/key"').replace(
    '[log]',
    'colour = "blue"\n[log]',
  );
  const { config, said, output } = await migrated(
    toml,
    role('sres', SERVICES, "[prodaccess, '*']"),
    role('devs', NOTIFY, '[staging, prodaccess]'),
    role('guests', NOTIFY),
    'kind: user\nmetadata: { name: x }\n',
  );

  expect(config.policy.rules[0]).toMatchObject({ roles: ['prodaccess'], otherwise: 'leave' });
  expect(config.pagerduty.readKey.file).toBe('/run/secrets/key');
  expect(() => statSync(join(output, 'pagerduty-key'))).toThrow('ENOENT');
  expect(config.policy.rules[1]).toMatchObject({ name: 'notify-only', roles: ['staging'], notifies: true });
  expect(said).toMatch(/role devs has `pagerduty_notify_service` alone.*rule `notify-only` does/u);
  expect(said).toMatch(/role guests has `pagerduty_notify_service` alone.*no rule covers them/u);
  expect(said).toMatch(/may request `\*`/u);
  expect(said).toMatch(/\[pagerduty\] colour has nothing here/u);
});

it('annotations have the names that the plugin’s file gives them, each by itself', async () => {
  const own = (section: string) =>
    EXAMPLE.replace('[log]', `[pagerduty.${section}]\nservices = "on call"\n[log]`);
  const ours = role('sres', '"on call": [Payments API], pagerduty_notify_service: [Access requests]');

  const { said, config } = await migrated(own('RequestAnnotations'), ours);

  expect(config.policy.rules[0]?.onCall).toMatchObject({ fromAnnotation: 'on call' });
  expect(JSON.stringify(config.policy.rules[0])).toContain('pagerduty_notify_service');
  expect(said).not.toContain('RequestAnnotations');
  rmSync(join(folder, 'settings'), { recursive: true });
  // The plugin reads the section in any case, and no other spelling.
  await expect(migrated(own('requestannotations'), ours)).resolves.toBeDefined();
  await expect(migrated(own('request_annotations'), ours)).rejects.toThrow(
    /no role with the annotation `pagerduty_services`/u,
  );
});

it.each([
  [
    'texts that YAML may take for something else',
    "[no, '1e3', '0x10', 2026-01-01, 'a: b # c']",
    ['no', '1e3', '0x10', '2026-01-01', 'a: b # c'],
  ],
  ['patterns, as Teleport reads them', "['prod-*', '*-admin']", ['prod-*', '*-admin']],
  ['what is no name, left out', "[prod, '**', '', ' ', '{{external.roles}}', '^dev-.*$']", ['prod']],
])('roles are what they were: %s', async (_what, roles, named) => {
  const { config } = await migrated(EXAMPLE, role('sres', SERVICES, roles));

  expect(config.policy.rules[0]?.roles).toEqual(named);
});

it('roles are read as `tctl get roles` writes them with `--format=json`, and those of requests for resources count', async () => {
  const request = { search_as_roles: ['db-access'], annotations: { pagerduty_services: ['P'] } };
  const json = [
    { kind: 'role', metadata: { name: 'a' }, spec: { allow: { request } } },
    {
      kind: 'role',
      metadata: { name: 'b' },
      spec: { allow: { request: { roles: null, annotations: null } } },
    },
    { kind: 'role', metadata: { name: 'c' }, spec: { allow: null } },
  ];
  const { config } = await migrated(EXAMPLE, JSON.stringify(json));

  expect(config.policy.rules[0]?.roles).toEqual(['db-access']);
});

it('says of files that lay where the plugin was started, and of words that mean nothing', async () => {
  const toml = EXAMPLE.replace('"/var/lib/teleport/plugins/pagerduty/auth.cas"', '"auth.cas"')
    .replace('"stderr"', '"plugin.log"')
    .replace('"WARN"', '"LOUD"');
  const { said, config } = await migrated(toml, role('sres', SERVICES));

  expect(said).toMatch(/root_cas `auth\.cas` was looked for in the folder/u);
  expect(said).toMatch(/\[log\] output `plugin\.log` was looked for/u);
  expect(said).toMatch(/severity `LOUD` is none/u);
  expect(config.log.level).toBe('info');
});

it('writes over nothing, and nothing at all where one of the files is there', async () => {
  mkdirSync(join(folder, 'settings'));
  symlinkSync('elsewhere', join(folder, 'settings/pagerduty-key'));

  await expect(migrated(EXAMPLE, role('sres', SERVICES))).rejects.toThrow(/pagerduty-key` is there already/u);
  expect(readdirSync(join(folder, 'settings'))).toEqual(['pagerduty-key']);
});

it.each([
  ['no TOML', 'teleport: {}', [role('sres', SERVICES)], /is no TOML/u],
  ['another file', '[slack]\ntoken = "a"\n', [role('sres', SERVICES)], /lacks `teleport`, `pagerduty`/u],
  ['TOML that breaks off, with its line', '[teleport]\naddr = [1\n', [], /no TOML: line 3/u],
  ['roles without annotations', EXAMPLE, [role('sres', '')], /no role with the annotation/u],
  ['bad YAML', EXAMPLE, [role('sres', SERVICES), 'kind: role\nmetadata: { name: y\n'], /no YAML.*line \d/u],
  ['a role 1e3', EXAMPLE, [role('sres', SERVICES, '[1e3]')], /role sres has .*`spec.allow.request.roles.0`/u],
  [
    'a service that is no list',
    EXAMPLE,
    [role('sres', 'pagerduty_services: P')],
    /role sres has .*annotations.pagerduty_services/u,
  ],
  ['a role without a name', EXAMPLE, ['kind: role\nspec: {}\n'], /role without a name/u],
  ['no port', EXAMPLE.replace(':3025', ''), [role('sres', SERVICES)], /teleport\.addr: must be host:port/u],
  ['no e-mail', EXAMPLE.replace('me@', ''), [role('sres', SERVICES)], /pagerduty\.from: must be the e-mail/u],
  [
    'no credentials',
    EXAMPLE.replace(/client_key.*/u, ''),
    [role('sres', SERVICES)],
    /needs all three of client_crt/u,
  ],
])('refuses %s', async (_what, toml: string, roles: readonly string[], told) => {
  await expect(migrated(toml, ...roles)).rejects.toThrow(told);
  expect(readdirSync(folder)).not.toContain('settings');
});
