import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load.ts';
import { aConfigFolder, LEAST } from './a-config.ts';

/** `LEAST` with one text instead of another; fails when the other is not there. */
function changed(text: string, instead: string): string {
  if (!LEAST.includes(text)) throw new RangeError(`\`${text}\` is not in the least configuration`);
  return LEAST.replace(text, () => instead);
}

const CANNOT_BE_READ =
  'cannot be read (ENOENT): check the path, and that the user the service runs as may read it';

describe('everything that is wrong with a configuration', () => {
  it('is told at once, in the order of the file: keys, relations, files and variables', async () => {
    await using folder = await aConfigFolder();

    expect(
      await folder.problems(`teleport:
  addr: https://teleport.example.com
  identity: absent
  colour: blue
pagerduty:
  api_key: \${PD_KEY}
  write_key_file: absent
  from: oncall-approver@example.com
  region: eu
  api_url: http://127.0.0.1:8080
identities: []
rules:
  - name: prod oncall
    roles: []
    on_call: {}
  - name: second
    roles: ['*']
    on_call: { max_level: 0 }
    escalate: {}
  - name: third
    roles: ['**', prodaccess]
    on_call: {}
  - name: third
    roles: [prodaccess]
    on_call: { services: [Payments API] }
    otherwise: leave
log: { level: loud }
`),
    ).toEqual([
      'line 2, teleport.addr: must be host:port, for instance teleport.example.com:443',
      'line 4, teleport.colour: unknown key: config/oncall-approver.example.yaml shows all there are in this version; a newer version may know more',
      'line 6, pagerduty.api_key: the environment variable `PD_KEY` is not set or empty',
      `line 7, pagerduty.write_key_file: the secret file \`/absent\` ${CANNOT_BE_READ}`,
      'line 9, pagerduty.region: has no effect beside api_url: remove one of the two',
      'line 11, identities: must name at least one source: nobody could be recognised',
      'line 13, rules[0].name: may have letters, digits, dots, dashes and underscores only',
      'line 14, rules[0].roles: must name at least one role: without one the rule can never match',
      'line 18, rules[1].on_call.max_level: must be 1 or more: level 1 is notified first',
      expect.stringMatching(
        /^line 20, rules\[2\]\.escalate: is missing: `otherwise: escalate` needs a service/u,
      ),
      expect.stringMatching(/^line 21, rules\[2\]\.roles\[0\]: `\*\*` covers every role there is/u),
      expect.stringMatching(/^line 22, rules\[2\]\.on_call: names nothing to be on call for/u),
      'line 23, rules[3].name: `third` is the name of rules[2] too: each rule needs its own',
      'line 27, log.level: must be debug, info, warn or error',
    ]);
  });

  it.each([
    {
      what: 'a key in place of an identity',
      text: changed('identity: identity', 'identity: identity\n  client_crt: identity'),
      told: 'line 3, teleport.identity: excludes client_crt, client_key and root_cas: keep one of the two forms',
    },
    {
      what: 'no identity at all',
      text: changed('  identity: identity\n', ''),
      told: 'line 2, teleport.identity: is missing: name the identity file made by `tbot` or `tctl auth sign`',
    },
    {
      what: 'half a key pair',
      text: changed('identity: identity', 'client_crt: identity\n  client_key: identity'),
      told: 'line 2, teleport: needs all three of client_crt, client_key and root_cas',
    },
    {
      what: 'an identity that is not there',
      text: changed('identity: identity', 'identity: absent'),
      told: `line 3, teleport.identity: the file \`/absent\` ${CANNOT_BE_READ}`,
    },
    {
      what: 'no PagerDuty key',
      text: changed('  api_key_file: key\n', ''),
      told: 'line 5, pagerduty.api_key_file: is missing: name the file that holds the PagerDuty API key, or set `api_key: ${NAME}`',
    },
    {
      what: 'two PagerDuty keys',
      text: changed('api_key_file: key', 'api_key_file: key\n  api_key: ${PD_KEY}'),
      told: 'line 6, pagerduty.api_key: excludes api_key_file: keep one of the two',
    },
    {
      what: 'two keys to write with',
      text: changed('api_key_file: key', 'api_key_file: key\n  write_key_file: key\n  write_key: ${PD_KEY}'),
      told: 'line 7, pagerduty.write_key: excludes write_key_file: keep one of the two',
    },
    {
      what: 'a secret in the file itself',
      text: changed('api_key_file: key', 'api_key: u+abcdefghijklmnopq'),
      told: 'line 5, pagerduty.api_key: must be ${NAME}, the name of an environment variable: secrets do not belong into this file (or use the key with `_file`)',
    },
    {
      what: 'a variable to write with that is not set',
      text: changed('api_key_file: key', 'api_key_file: key\n  write_key: ${PD_KEY}'),
      told: 'line 6, pagerduty.write_key: the environment variable `PD_KEY` is not set or empty',
    },
    {
      what: 'a sender that is no address',
      text: changed('from: oncall-approver@example.com', 'from: oncall-approver'),
      told: 'line 6, pagerduty.from: must be the e-mail address of a PagerDuty user: notes and incidents are written in its name',
    },
    {
      what: 'an address of PagerDuty that is none',
      text: changed('api_key_file: key', 'api_key_file: key\n  api_url: file:///etc/passwd'),
      told: 'line 6, pagerduty.api_url: must be an http(s) address',
    },
    {
      what: 'an identity source that is none',
      text: changed('trait: email', 'username_is_email: false'),
      told: 'line 8, identities[0]: must be one of `map: {teleport user: PagerDuty user id}`, `map_file: path`, `trait: name`, `username_is_email: true`',
    },
    {
      what: 'an incident that is looked for on no service',
      text: changed('services: [Payments API]', 'schedules: [Primary]\n    require: { open_incident: true }'),
      told: "line 13, rules[0].on_call: names no service, and `require.open_incident` looks for incidents on the rule's services: add `services` or `from_annotation`",
    },
    {
      what: 'responders to incidents on no service',
      text: changed('services: [Payments API]', 'schedules: [Primary]\n    responders: true'),
      told: "line 13, rules[0].on_call: names no service, and `responders` looks for incidents on the rule's services: add `services` or `from_annotation`",
    },
    {
      what: 'break glass that waits for an incident',
      text: `${LEAST}    break_glass: true\n    require: { open_incident: true }\n`,
      told: 'line 16, rules[0].break_glass: is for when PagerDuty cannot answer: it goes neither with `require.open_incident` nor with `responders`',
    },
    {
      what: 'break glass that nobody hears of',
      text: `${changed('    escalate:\n      service: Access requests\n', '')}    break_glass: true\n`,
      told: 'line 10, rules[0].escalate: is missing: who broke the glass must be looked at by somebody; name the service to page',
    },
    {
      what: 'break glass of which only an annotation could tell somebody',
      text: `${changed('      service: Access requests\n', '      from_annotation: pagerduty_notify_service\n')}    break_glass: true\n`,
      told: 'line 15, rules[0].escalate: names a service by annotation only, which a request may lack: who broke the glass must be looked at by somebody; add `service`',
    },
    {
      what: 'a time zone that is none',
      text: `${LEAST}    when: { hours: { time_zone: Berlin, spans: [{ from: '08:00', until: '18:00' }] } }\n`,
      told: 'line 16, rules[0].when.hours.time_zone: must be an IANA time zone, for instance Europe/Berlin',
    },
    {
      what: 'a time of day that is none',
      text: `${LEAST}    when: { hours: { time_zone: Europe/Berlin, spans: [{ from: '8:00', until: '24:01' }] } }\n`,
      told: 'line 16, rules[0].when.hours.spans[0].from: must be a time of day between "00:00" and "24:00", in quotes',
    },
    {
      what: 'a map of users in a file that is not there',
      text: changed('trait: email', 'map_file: absent.yaml'),
      told: `line 8, identities[0].map_file: the identity map \`/absent.yaml\` ${CANNOT_BE_READ}`,
    },
    {
      what: 'a PagerDuty user id that is none',
      text: changed('trait: email', 'map: { sre-2: sre-2@example.com }'),
      told: 'line 8, identities[0].map.sre-2: must be a PagerDuty user id, for instance PXYZ789',
    },
    {
      what: 'a duration that is none',
      text: `${LEAST}      decide_within: 2 minutes\n`,
      told: 'line 16, rules[0].escalate.decide_within: is no duration: write for instance 90s, 10m or 1h30m',
    },
    {
      what: 'an escalation to nobody',
      text: changed('service: Access requests', 'urgency: low'),
      told: 'line 15, rules[0].escalate: names nobody: add service or from_annotation',
    },
    {
      what: 'a text that is empty',
      text: changed('[Payments API]', "['  ']"),
      told: 'line 13, rules[0].on_call.services[0]: must not be empty',
    },
    {
      what: 'a misspelt key',
      text: changed('services:', 'servises:'),
      told: 'line 13, rules[0].on_call.servises: unknown key: did you mean `services`?',
    },
    {
      what: 'a short key that is like nothing',
      text: `${LEAST}foo: 1\n`,
      told: 'line 16, foo: unknown key: config/oncall-approver.example.yaml shows all there are in this version; a newer version may know more',
    },
    {
      what: 'a key that JavaScript gives a meaning to',
      text: `${LEAST}__proto__: { require_sso: true }\n`,
      told: 'line 16, __proto__: unknown key: config/oncall-approver.example.yaml shows all there are in this version; a newer version may know more',
    },
  ])('is told of $what', async ({ text, told }) => {
    await using folder = await aConfigFolder();

    expect(await folder.problems(text)).toContain(told);
  });

  it.each([
    [
      'a section that is missing',
      changed('teleport:\n  addr: teleport.example.com:443\n  identity: identity\n', ''),
      'teleport: is missing',
    ],
    [
      'a key that is missing',
      changed('  addr: teleport.example.com:443\n', ''),
      'line 2, teleport.addr: is missing',
    ],
    [
      'a section of a rule that is missing',
      changed('    on_call:\n      services: [Payments API]\n', ''),
      'line 10, rules[0].on_call: names nothing to be on call for: the rule can never match; add services, escalation_policies, schedules or from_annotation',
    ],
    ['a file that is empty', '', 'the file: must be a section of keys'],
    ['a file that is a list', '- teleport\n', 'the file: must be a section of keys'],
    [
      'a key without a value',
      changed('identity: identity', 'identity:'),
      'line 3, teleport.identity: must be a text',
    ],
    [
      'a text in place of a list',
      changed('[prodaccess]', 'prodaccess'),
      'line 11, rules[0].roles: must be a list',
    ],
    [
      'a text in place of a switch',
      `${LEAST}require_sso: maybe\n`,
      'line 16, require_sso: must be true or false',
    ],
    [
      'half a level',
      changed('services: [Payments API]', 'schedules: [a]\n      max_level: 1.5'),
      'line 14, rules[0].on_call.max_level: must be a whole number',
    ],
    [
      'a choice that there is not',
      `${LEAST}    otherwise: approve\n`,
      'line 16, rules[0].otherwise: must be escalate, deny or leave',
    ],
  ])('is told of %s', async (_, text, told) => {
    await using folder = await aConfigFolder();

    expect(await folder.problems(text)).toContain(told);
  });
});

describe('a file that is no configuration', () => {
  it.each([
    ['a bracket that is never closed', changed('[prodaccess]', '[prodaccess'), /line 12: no YAML: /u],
    ['a key that is there twice', changed('identity: identity', 'addr: a:1'), /line 3: no YAML: .*unique/u],
    ['tabs', changed('  identity', '\tidentity'), /line 3: no YAML: /u],
    ['two documents', `${LEAST}---\na: 1\n`, /line 16: no YAML: /u],
    [
      'a reference to nothing',
      changed('identity: identity', 'identity: *elsewhere'),
      /no YAML: .*elsewhere/u,
    ],
    ['a text that grows without end', anExplosion(), /no YAML: /u],
  ])('is refused with its line: %s', async (_, text, message) => {
    await using folder = await aConfigFolder();

    await expect(folder.load(text)).rejects.toSatisfy(
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  });

  it('is told by its path when it is not there, or is a folder', async () => {
    await using folder = await aConfigFolder();
    const absent = join(folder.path, 'absent.yaml');
    await mkdir(join(folder.path, 'config.yaml'));

    expect(() => loadConfig(absent, {})).toThrow(`the configuration \`${absent}\` ${CANNOT_BE_READ}`);
    expect(() => loadConfig(join(folder.path, 'config.yaml'), {})).toThrow('cannot be read (EISDIR)');
  });
});

/** Nine references to nine references to nine … */
function anExplosion(): string {
  const levels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  return levels
    .map(
      (level, index) =>
        `${level}: &${level} [${Array(9)
          .fill(index === 0 ? 'x' : `*${levels[index - 1] ?? ''}`)
          .join(', ')}]\n`,
    )
    .join('');
}
