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
      'line 13, rules[0] (prod oncall).name: may have letters, digits, dots, dashes and underscores only',
      'line 14, rules[0] (prod oncall).roles: must name at least one role: without one the rule can never match',
      'line 18, rules[1] (second).on_call.max_level: must be 1 or more: level 1 is notified first',
      expect.stringMatching(
        /^line 20, rules\[2\] \(third\)\.escalate: is missing: `otherwise: escalate` needs a service/u,
      ),
      expect.stringMatching(/^line 21, rules\[2\] \(third\)\.roles\[0\]: `\*\*` covers every role there is/u),
      expect.stringMatching(/^line 22, rules\[2\] \(third\)\.on_call: names nothing to be on call for/u),
      'line 23, rules[3] (third).name: `third` is the name of rules[2] too: each rule needs its own',
      'line 27, log.level: must be debug, info, warn or error',
    ]);
  });

  const MISTAKES: Readonly<Record<string, string>> = {
    'a key in place of an identity': changed(
      'identity: identity',
      'identity: identity\n  client_crt: identity',
    ),
    'no identity at all': changed('  identity: identity\n', ''),
    'half a key pair': changed('identity: identity', 'client_crt: identity\n  client_key: identity'),
    'an identity that is not there': changed('identity: identity', 'identity: absent'),
    'no PagerDuty key': changed('  api_key_file: key\n', ''),
    'two PagerDuty keys': changed('api_key_file: key', 'api_key_file: key\n  api_key: ${PD_KEY}'),
    'two keys to write with': changed(
      'api_key_file: key',
      'api_key_file: key\n  write_key_file: key\n  write_key: ${PD_KEY}',
    ),
    'a secret in the file itself': changed('api_key_file: key', 'api_key: u+abcdefghijklmnopq'),
    'a variable to write with that is not set': changed(
      'api_key_file: key',
      'api_key_file: key\n  write_key: ${PD_KEY}',
    ),
    'a sender that is no address': changed('from: oncall-approver@example.com', 'from: oncall-approver'),
    'an address of PagerDuty that is none': changed(
      'api_key_file: key',
      'api_key_file: key\n  api_url: file:///etc/passwd',
    ),
    'an identity source that is none': changed('trait: email', 'username_is_email: false'),
    'an incident that is looked for on no service': changed(
      'services: [Payments API]',
      'schedules: [Primary]\n    require: { open_incident: true }',
    ),
    'responders to incidents on no service': changed(
      'services: [Payments API]',
      'schedules: [Primary]\n    responders: true',
    ),
    'break glass that waits for an incident': `${LEAST}    break_glass: true\n    require: { open_incident: true }\n`,
    'break glass that nobody hears of': `${changed('    escalate:\n      service: Access requests\n', '')}    break_glass: true\n`,
    'break glass of which only an annotation could tell somebody': `${changed('      service: Access requests\n', '      from_annotation: pagerduty_notify_service\n')}    break_glass: true\n`,
    'a time zone that is none': `${LEAST}    when: { hours: { time_zone: Berlin, spans: [{ from: '08:00', until: '18:00' }] } }\n`,
    'a time of day that is none': `${LEAST}    when: { hours: { time_zone: Europe/Berlin, spans: [{ from: '8:00', until: '24:01' }] } }\n`,
    'a map of users in a file that is not there': changed('trait: email', 'map_file: absent.yaml'),
    'a PagerDuty user id that is none': changed('trait: email', 'map: { sre-2: sre-2@example.com }'),
    'a duration that is none': `${LEAST}      decide_within: 2 minutes\n`,
    'evidence that is taken for a wrong clock': changed(
      'api_key_file: key',
      'api_key_file: key\n  freshness: 2m',
    ),
    'a page for every request beside what approves': `${LEAST}    notify: { urgency: low }\n    otherwise: deny\n    responders: true\n    require: { open_incident: true }\n    access_ends: with_shift\n    break_glass: true\n`,
    'a page for every request of those that an annotation has on call': changed(
      '      services: [Payments API]\n    escalate:\n      service: Access requests\n',
      '      from_annotation: pagerduty_services\n    notify: { service: Access requests }\n',
    ),
    'an escalation to nobody': changed('service: Access requests', 'urgency: low'),
    'a text that is empty': changed('[Payments API]', "['  ']"),
    'a misspelt key': changed('services:', 'servises:'),
    'a short key that is like nothing': `${LEAST}foo: 1\n`,
    'a key that JavaScript gives a meaning to': `${LEAST}__proto__: { require_sso: true }\n`,
    'a section that is missing': changed(
      'teleport:\n  addr: teleport.example.com:443\n  identity: identity\n',
      '',
    ),
    'a key that is missing': changed('  addr: teleport.example.com:443\n', ''),
    'a section of a rule that is missing': changed('    on_call:\n      services: [Payments API]\n', ''),
    'a file that is empty': '',
    'a file that is a list': '- teleport\n',
    'a key without a value': changed('identity: identity', 'identity:'),
    'a text in place of a list': changed('[prodaccess]', 'prodaccess'),
    'a text in place of a switch': `${LEAST}require_sso: maybe\n`,
    'a duration without its unit': `${LEAST}      decide_within: 10\n`,
    'a number in quotes': changed('services: [Payments API]', 'schedules: [a]\n      max_level: "1"'),
    'a switch in quotes': `${LEAST}require_sso: "false"\n`,
    'a number that is a name': changed('[prodaccess]', '[1234]'),
    'one service in place of a list': changed('[Payments API]', 'Payments API'),
    'half a level': changed('services: [Payments API]', 'schedules: [a]\n      max_level: 1.5'),
    'owners beside whoever is on call for something else': changed(
      'services: [Payments API]',
      'services: [Payments API]\n      owner: { label: owner, unowned: Access requests }',
    ),
    'owners of all there is': changed(
      'services: [Payments API]',
      "owner: { map: [{ names: ['*'], services: [Payments API] }], map_file: absent.yaml, unowned: Access requests }",
    ),
    'a map of owners that is not there': changed(
      'services: [Payments API]',
      'owner: { map_file: absent.yaml }',
    ),
    'owners who are asked twice over': `${changed('services: [Payments API]', 'owner: { label: owner, unowned: Access requests }')}      owner: true\n    approvers: { owner: true, on_call: { services: [Payments API] } }\n    break_glass: true\n`,
    'owners by nothing': changed('services: [Payments API]', 'owner: { unowned: Access requests }'),
    'owners of whom nothing is said': `${LEAST}      owner: true\n    approvers: { owner: true }\n`,
    'fields of nobody': changed(
      'services: [Payments API]',
      'owner: { field: selector, field_of: {}, unowned: Access requests }',
    ),
    'a field of whoever writes it': `${changed('services: [Payments API]', 'owner: { field: selector, settled: 31d, unowned: Access requests }')}      owner_field: desk\n`,
    'a field that nobody has': `${LEAST}      owner_field: desk\n`,
    'a choice that there is not': `${LEAST}    otherwise: approve\n`,
  };

  it('is told in words that were approved, with the line and what to do', async () => {
    let told = '';
    for (const [what, text] of Object.entries(MISTAKES)) {
      await using folder = await aConfigFolder();
      told += `${what}\n${(await folder.problems(text)).map((problem) => `  ${problem}\n`).join('')}`;
    }

    await expect(told).toMatchFileSnapshot('problems.approved.txt');
  });
});

describe('a file that is no configuration', () => {
  it.each([
    ['a bracket that is never closed', changed('[prodaccess]', '[prodaccess'), 'line 12: bracket'],
    ['a quote that is never closed', changed('email', '"email'), 'quote or bracket is not closed'],
    ['a key twice', changed('identity: identity', 'addr: a:1'), 'line 3: `addr` is there twice'],
    ['tabs', changed('  identity', '\tidentity'), 'line 3: use spaces'],
    ['a line too far in', changed('  identity', '   identity'), 'line 2: begin a new line'],
    ['a line too far out', changed('  identity', ' identity'), 'line 3: one column'],
    ['no space after a colon', changed('addr: t', 'addr:t'), 'line 2: `key: value`'],
    ['a name with an at', changed('[Payments API]', '@payments'), 'line 13: in quotes'],
    ['a backslash', changed('[prodaccess]', '["a\\d"]'), 'line 11: single quotes'],
    ['two documents', `${LEAST}---\na: 1\n`, 'line 16: a second document'],
    ['a reference to nothing', changed('identity: identity', 'identity: *elsewhere'), 'elsewhere'],
    ['a text that grows without end', anExplosion(), 'cannot be read'],
    ['a file of cases', 'cases: []\n', 'is a file of cases, not a configuration: rules test'],
  ])('is refused with its line: %s', async (_, text, told) => {
    await using folder = await aConfigFolder();

    const error: unknown = await folder.load(text).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ConfigError);
    for (const part of told.split(': ')) expect(String(error)).toContain(part);
  });

  it('is told by its path when it is not there, or is a folder', async () => {
    await using folder = await aConfigFolder();
    const absent = join(folder.path, 'absent.yaml');
    await mkdir(join(folder.path, 'config.yaml'));

    expect(() => loadConfig(absent, {})).toThrow(
      `the configuration \`${absent}\` cannot be read (ENOENT): check the path that \`--config\` or ONCALL_APPROVER_CONFIG says, and`,
    );
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
