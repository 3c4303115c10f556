import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../src/core/values/instant.ts';
import { anEscalation, aPolicy, aRule, someRequirements } from '../support/builders.ts';
import { aConfigFolder, LEAST } from './a-config.ts';

const EXAMPLE = join(import.meta.dirname, '../../config/oncall-approver.example.yaml');

/** The example, with its two credential files in this folder instead of where a container has them. */
async function example(): Promise<string> {
  const text = await readFile(EXAMPLE, 'utf8');
  return text
    .replaceAll('/var/lib/oncall-approver/identity', 'identity')
    .replaceAll(/\/run\/secrets\/pagerduty(?:-write)?/gu, 'key')
    .replaceAll('/etc/oncall-approver/proxy-ca.pem', 'identity')
    .replaceAll('/run/secrets/ledger-key', 'ledger-key');
}

describe('the configuration', () => {
  it('is in the core’s terms, with a default for all that may be left out', async () => {
    await using folder = await aConfigFolder();

    const config = await folder.load(LEAST);

    const escalate = anEscalation({ remindAfterMs: 900_000, ifResolved: 'repage', mostOpenPages: 3 });
    expect(config.policy).toEqual(
      aPolicy({
        identities: [{ kind: 'trait', trait: 'email' }],
        addresses: 'unmanaged',
        rules: [aRule({ require: someRequirements({ reason: false }), escalate })],
      }),
    );
    expect(config.teleport).toMatchObject({ via: 'auto', resolve_with: 'auto' });
    expect(config.pagerduty.apiUrl).toBe('https://api.pagerduty.com');
    expect(config.ledger).toEqual({ sqlite: '/var/lib/oncall-approver/ledger.sqlite' });
    expect(config.log).toEqual({ level: 'info', output: 'stderr' });
  });

  it('has times by UTC where the machine’s own zone is none that clocks can be shown by', async () => {
    await using folder = await aConfigFolder();
    const before = process.env['TZ'];
    try {
      // Of an empty TZ the runtime says Etc/Unknown, and of one that it does not know nothing; it takes neither for a zone.
      for (const zone of ['', 'Foo/Bar']) {
        process.env['TZ'] = zone;
        expect((await folder.load(LEAST)).timeZone).toBe('UTC');
      }
      process.env['TZ'] = 'Asia/Kathmandu';
      expect((await folder.load(LEAST)).timeZone).toMatch(/^Asia\/Kat/u);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });

  it('says all that it can say', async () => {
    await using folder = await aConfigFolder();

    const { policy } = await folder.load(`${LEAST}      from_annotation: pagerduty_notify_service
      urgency: low
      decide_within: 1m30s
  - name: break-glass
    roles: [admin-*]
    on_call:
      services: [PSERVC1]
      escalation_policies: [Payments]
      schedules: [Payments primary]
      from_annotation: pagerduty_services
      max_level: 3
      permanent: true
    require: { reason: true }
    otherwise: leave
require_sso: false
`);

    expect(policy.requireSso).toBe(false);
    expect(policy.rules[0]?.escalate).toMatchObject({
      service: 'Access requests',
      fromAnnotation: 'pagerduty_notify_service',
      urgency: 'low',
      decideWithinMs: 90_000,
    });
    expect(policy.rules[1]).toMatchObject({
      name: 'break-glass',
      roles: ['admin-*'],
      onCall: {
        services: ['PSERVC1'],
        escalationPolicies: ['Payments'],
        schedules: ['Payments primary'],
        fromAnnotation: 'pagerduty_services',
        maxLevel: 3,
        permanent: true,
      },
      require: { reason: true },
      otherwise: 'leave',
      escalate: null,
    });
  });

  it('says of a rule whom and what it covers, and on what evidence', async () => {
    await using folder = await aConfigFolder();

    const { policy } = await folder.load(`${LEAST}    when:
      requester_roles: [sres, platform-*]
      requester_traits: { team: [payments] }
      resources: { names: ['payments-*'] }
      hours:
        time_zone: Europe/Berlin
        spans: [{ from: '08:00', until: '24:00' }, { days: [sat], from: '22:30', until: '06:00' }]
    responders: true
    require:
      reason: true
      open_incident: { urgency: high, requester: assigned }
      max_duration: 8h
    mode: shadow
  - name: any-incident
    roles: [other]
    on_call: { services: [Payments API], min_shift_age: 10m, grace_after_shift: 15m }
    require: { open_incident: { min_age: 2m } }
    otherwise: leave
  - name: break-glass
    roles: [prodaccess]
    break_glass: true
    escalate: { service: Access requests }
`);
    const [first, second, third] = policy.rules;

    expect(first).toMatchObject({
      when: {
        requesterRoles: ['sres', 'platform-*'],
        requesterTraits: { team: ['payments'] },
        resources: { kinds: ['*'], names: ['payments-*'] },
        hours: {
          timeZone: 'Europe/Berlin',
          spans: [
            { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: 480, until: 1_440 },
            { days: ['sat'], from: 1_350, until: 360 },
          ],
        },
      },
      responders: true,
      require: {
        reason: true,
        openIncident: {
          urgency: 'high',
          involvement: 'assigned',
          minAgeMs: { byPeople: 5 * MINUTE, byMonitoring: 0 },
        },
        maxDurationMs: 480 * MINUTE,
      },
      mode: 'shadow',
    });
    expect(second).toMatchObject({
      onCall: { minShiftAgeMs: 10 * MINUTE, graceAfterShiftMs: 15 * MINUTE },
      require: {
        openIncident: {
          urgency: null,
          involvement: 'any',
          minAgeMs: { byPeople: 2 * MINUTE, byMonitoring: 2 * MINUTE },
        },
      },
    });
    // Nobody breaks the glass without a reason, whatever the rule says.
    expect(third).toMatchObject({ breakGlass: true, require: { reason: true } });
  });

  it.each([
    ['by_itself', { withShift: false }],
    ['with_shift', { withShift: true }],
    ['{ with_shift: true }', { withShift: true }],
    ['{ after: 4h }', { withShift: false, afterMs: 240 * MINUTE }],
    ['{ with_shift: true, after: 4h, whichever: last }', { withShift: true, afterMs: 240 * MINUTE }],
    ['{ with_incident: 30m, whichever: last }', { withShift: false, afterIncidentMs: 30 * MINUTE }],
    [
      '{ with_shift: true, with_incident: 0s, whichever: last }',
      { withShift: true, afterIncidentMs: 0, withLast: true },
    ],
  ])('says when access ends: %s', async (ends, accessEnd) => {
    await using folder = await aConfigFolder();

    const rule = `${LEAST}    access_ends: ${ends}\n`;
    const { policy } = await folder.load(
      ends.includes('incident') ? `${rule}    require: { open_incident: true }\n` : rule,
    );

    expect(policy.rules[0]?.accessEnd).toEqual({ ...accessEnd, warnBeforeMs: null });
  });

  it.each([
    '{}',
    '{ whichever: first }',
    '{ with_shift: true, with_incident: soon }',
    '{ after: soon }',
    'never',
  ])('refuses an end of access that it does not know: %s', async (ends) => {
    await using folder = await aConfigFolder();

    await expect(folder.load(`${LEAST}    access_ends: ${ends}\n`)).rejects.toThrow(
      /rules\[0\] \(.*\)\.access_ends/u,
    );
  });

  it('names identity sources of every kind, in the order in which they are asked', async () => {
    await using folder = await aConfigFolder();
    const text = LEAST.replace(
      '  - trait: email',
      '  - map: { sre-2: PXYZ789 }\n  - trait: mail\n  - username_is_email: true',
    );

    expect((await folder.load(text)).policy.identities).toEqual([
      { kind: 'map', users: { 'sre-2': 'PXYZ789' } },
      { kind: 'trait', trait: 'mail' },
      { kind: 'username-is-email' },
    ]);
  });

  it('takes relative file names from its own folder, whatever the process’s is', async () => {
    await using folder = await aConfigFolder();
    const text = `${LEAST}ledger: { sqlite: data/ledger.sqlite }\nlog: { output: service.log, level: debug }\n`;

    const config = await folder.load(text);

    expect(config.teleport.identity).toBe(join(folder.path, 'identity'));
    expect(config.ledger).toEqual({ sqlite: join(folder.path, 'data/ledger.sqlite') });
    expect(config.log).toEqual({ level: 'debug', output: join(folder.path, 'service.log') });
    expect(config.pagerduty.readKey.reveal()).toBe('the-pagerduty-key');
  });

  it('takes absolute file names as they are', async () => {
    await using folder = await aConfigFolder();
    const identity = join(folder.path, 'identity');
    const text = LEAST.replace(
      'identity: identity',
      `client_crt: ${identity}\n  client_key: identity\n  root_cas: ${identity}`,
    );

    const { teleport } = await folder.load(`${text}log: { output: stdout }\n`);

    expect(teleport).toMatchObject({ client_crt: identity, client_key: identity, root_cas: identity });
    expect(relative(folder.path, teleport.client_crt ?? '')).toBe('identity');
  });

  it.each([
    ['region: us', 'https://api.pagerduty.com'],
    ['region: eu', 'https://api.eu.pagerduty.com'],
    ['api_url: http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
  ])('with %s asks %s', async (key, apiUrl) => {
    await using folder = await aConfigFolder();

    const config = await folder.load(LEAST.replace('pagerduty:\n', `pagerduty:\n  ${key}\n`));

    expect(config.pagerduty.apiUrl).toBe(apiUrl);
  });

  it('writes with the key that reads, unless it is given another', async () => {
    await using folder = await aConfigFolder();
    await writeFile(join(folder.path, 'write-key'), 'the-write-key');
    const apart = LEAST.replace('pagerduty:\n', 'pagerduty:\n  write_key_file: write-key\n');

    const one = await folder.load(LEAST);
    const two = await folder.load(apart);

    expect(one.pagerduty.writeKey.reveal()).toBe('the-pagerduty-key');
    expect(two.pagerduty.readKey.reveal()).toBe('the-pagerduty-key');
    expect(two.pagerduty.writeKey.reveal()).toBe('the-write-key');
  });

  it('takes keys from the environment where it names them', async () => {
    await using folder = await aConfigFolder();
    const text = LEAST.replace('api_key_file: key', 'api_key: ${PD_READ}\n  write_key: ${PD_WRITE}');

    const { pagerduty } = await folder.load(text, { PD_READ: 'key-1', PD_WRITE: ' key-2\n' });

    expect([pagerduty.readKey.reveal(), pagerduty.writeKey.reveal()]).toEqual(['key-1', 'key-2']);
  });

  it('shows no key to whoever prints it', async () => {
    await using folder = await aConfigFolder();

    const config = await folder.load(LEAST);

    expect(JSON.stringify(config)).not.toContain('the-pagerduty-key');
  });
});

describe('the example configuration', () => {
  it('is valid', async () => {
    await using folder = await aConfigFolder();

    const config = await folder.load(await example());

    expect(config.policy.rules.map(({ name }) => name)).toEqual([
      'prod-oncall',
      'prod-contractors',
      'payments-databases',
      'staging-hours',
      'audit-rota',
      'by-annotation',
      'prod-incident-only',
      'break-glass',
    ]);
  });

  it('is valid with everything that it has in comments', async () => {
    await using folder = await aConfigFolder();
    const text = await example();
    const whole = text.replaceAll(/^( *)# ([a-z_]+: \S+)$/gmu, '$1$2');
    await writeFile(join(folder.path, 'ledger-key'), `current ${'ab'.repeat(32)}`);

    const { teleport, pagerduty, policy } = await folder.load(whole);

    expect(whole.match(/^ *# [a-z_]+: \S+$/gmu)).toBeNull();
    expect(teleport.proxy_ca).toBe(join(folder.path, 'identity'));
    expect(pagerduty.writeKey).not.toBe(pagerduty.readKey);
    expect(policy.rules[0]).toMatchObject({
      onCall: { fromAnnotation: 'pagerduty_services' },
      escalate: { fromAnnotation: 'pagerduty_notify_service' },
    });
  });

  it('says the defaults where it says nothing of its own', async () => {
    await using folder = await aConfigFolder();

    const [{ log, ledger, teleport }, least] = [await folder.load(await example()), await folder.load(LEAST)];

    expect({ log, ledger, teleport }).toEqual({
      log: least.log,
      ledger: least.ledger,
      teleport: least.teleport,
    });
  });
});
