import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { proveRules } from '../../src/commands/rules/prove.ts';
import { run } from '../../src/commands/run.ts';
import { testRules } from '../../src/commands/rules/test.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ClaimConfig } from '../../src/config/schema.ts';
import type { OnCallTargets, Rule } from '../../src/core/rule.ts';
import { provenOnly } from '../../src/rules/claims/proven-only.ts';
import { tryClaim } from '../../src/rules/claims/try-claim.ts';
import { CapturedTerminal } from '../commands/captured-terminal.ts';
import { anEscalation, aPolicy, aRule, aWhen } from '../support/builders.ts';

const EXAMPLE = join(import.meta.dirname, '../../config/oncall-approver.example.yaml');

const REST = `
teleport: { addr: 'teleport.example.com:443', identity: identity }
pagerduty: { api_key: '\${KEY}', from: approver@example.com }
identities: [{ trait: email }]
`;
const ON_CALL = 'on_call: { services: [Payments API] }';
const UNLESS_ON_CALL = `never: { approve: [prod], unless: [${ON_CALL}] }`;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'claims-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A configuration with these rules, each a line without its name, and these claims. */
function configured(rules: readonly string[], claims: readonly string[]): string {
  const file = join(folder(), 'config.yaml');
  const named = rules.map(
    (rule, index) => `  - { name: rule-${index}, escalate: { service: Desk }, ${rule} }`,
  );
  const text = [REST, 'rules:', ...named, 'claims:', ...claims.map((claim) => `  - ${claim}`)].join('\n');
  writeFileSync(file, text);
  return file;
}

async function proving(config: string): Promise<{ readonly code: number; readonly text: string }> {
  const terminal = new CapturedTerminal();
  const code = await proveRules({ config }, terminal);
  return { code, text: terminal.lines.join('\n') };
}

/** What `rules test` makes of the case that `rules prove` shows. */
async function testing(config: string, text: string): Promise<string> {
  const shown = text.slice(text.indexOf('cases:'), text.lastIndexOf('\n'));
  const file = join(folder(), 'cases.yaml');
  writeFileSync(file, shown);
  const terminal = new CapturedTerminal();
  const code = await testRules([file], { config }, terminal);
  return `${code} ${terminal.lines.join('\n')}`;
}

describe('the claims of the example', () => {
  it('hold, all of them', async () => {
    const { code, text } = await proving(EXAMPLE);

    expect(text).toMatch(/5 of 5 claims hold$/u);
    expect(code).toBe(0);
  });
});

const PROD = `roles: [prod], ${ON_CALL}`;

describe('rules that break what they claim', () => {
  it.each<[string, readonly string[], string]>([
    [
      'another service in the list',
      ['roles: [prod], on_call: { services: [Payments API, Wiki] }'],
      UNLESS_ON_CALL,
    ],
    [
      'a backup where only the first level is meant',
      ['roles: [prod], on_call: { services: [Payments API], max_level: 2 }'],
      'never: { approve: [prod], unless: [on_call: { services: [Payments API], max_level: 1 }] }',
    ],
    [
      'somebody named in a policy for ever',
      ['roles: [prod], on_call: { services: [Payments API], permanent: true }'],
      'never: { approve: [prod], unless: [on_call: { services: [Payments API], permanent: false }] }',
    ],
    [
      'a shift of a second ago',
      ['roles: [prod], on_call: { services: [Payments API], min_shift_age: 0s }'],
      'never: { approve: [prod], unless: [on_call: { services: [Payments API], min_shift_age: 10m }] }',
    ],
    [
      'a shift that is over',
      ['roles: [prod], on_call: { services: [Payments API], grace_after_shift: 15m }'],
      UNLESS_ON_CALL,
    ],
    ['whoever was asked to help', [`${PROD}, responders: true`], UNLESS_ON_CALL],
    [
      'what the role of the requester says by an annotation',
      ['roles: [prod], on_call: { services: [Payments API], from_annotation: services }'],
      UNLESS_ON_CALL,
    ],
    [
      'a pattern that is wider than was thought',
      [PROD, "roles: ['pr*'], on_call: { services: [Wiki] }"],
      "never: { approve: ['preview'], unless: [on_call: { services: [Payments API] }] }",
    ],
    [
      'contractors of whom nothing more is asked at night',
      [
        PROD,
        `${PROD}, when: { requester_traits: { team: [contractor] }, hours: { time_zone: UTC, spans: [{ from: '08:00', until: '18:00' }] } }, require: { open_incident: true }`,
      ],
      'never: { approve: [prod], when: { requester_traits: { team: [contractor] } }, unless: [open_incident] }',
    ],
    [
      'a stricter rule that was left in shadow',
      [PROD, `${PROD}, require: { reason: true }, mode: shadow`],
      'never: { approve: [prod], unless: [reason] }',
    ],
    ['broken glass', [PROD, 'roles: [prod], break_glass: true'], UNLESS_ON_CALL],
    [
      'access for longer than meant',
      [`${PROD}, require: { max_duration: 4h }`],
      'never: { approve: [prod], unless: [max_duration: 1h] }',
    ],
    ['a rule that is not as dead as was thought', [PROD], 'unreachable: rule-0'],
    ['somebody outside the team', [PROD], 'never: { approve: [prod], unless: [requester_roles: [sres]] }'],
    [
      'another incident than a grave one',
      [`${PROD}, require: { open_incident: { urgency: low, requester: assigned } }`],
      'never: { approve: [prod] }',
    ],
  ])('%s: shown by a case that fails', async (_kind, rules, claim) => {
    const config = configured(rules, [claim]);

    const { code, text } = await proving(config);

    expect(text).toContain('BROKEN');
    expect(code).toBe(1);
    expect(await testing(config, text)).toMatch(
      /^1 FAIL[^]*expected {2}escalate[^]*found {5}approve[^]*0 of 1 cases pass/u,
    );
    expect(() => provenOnly(loadConfig(config, {}, { offline: true }), config)).toThrow(ConfigError);
  });
});

describe('a service whose rules break a claim', () => {
  it('does not start', async () => {
    const config = configured([PROD], ['never: { approve: [prod] }']);
    writeFileSync(join(config, '../identity'), '');
    const signals = { stop: AbortSignal.abort(), onHangUp: () => undefined };
    const terminal = new CapturedTerminal({ KEY: 'a-key' });

    await expect(run(config, terminal, signals)).rejects.toThrow(/not proven to keep what it claims/u);
  });
});

it('a rule that asks people for every request lets nobody in', () => {
  const asks = aRule({ name: 'asks', notifies: true, escalate: { ...anEscalation(), service: 'Desk' } });
  const claim: ClaimConfig = { never: { approve: ['prodaccess'], when: {}, unless: [] } };

  expect(tryClaim(claim, aPolicy({ rules: [aRule(), asks] })).state).toBe('holds');
  expect(tryClaim(claim, aPolicy({ rules: [aRule()] })).state).toBe('possible');
});

describe('a claim that nobody can decide', () => {
  it.each<[string, readonly string[], string, RegExp]>([
    ['names a role that no rule has', [PROD], 'never: { approve: [gone] }', /no rule names role `gone`/u],
    ['names a rule that is gone', [PROD], 'unreachable: gone', /there is no rule `gone`/u],
    [
      'names a service that no rule has',
      [PROD],
      'never: { approve: [prod], unless: [on_call: { services: [Gone] }] }',
      /no rule names `Gone`/u,
    ],
    [
      'is about patterns that overlap in part',
      ["roles: ['prod-*'], on_call: { services: [Payments API] }"],
      "never: { approve: ['*-admin'], unless: [reason] }",
      /overlap in part/u,
    ],
  ])('%s: fails, and says so', async (_kind, rules, claim, why) => {
    const { code, text } = await proving(configured(rules, [claim]));

    expect([code, text]).toEqual([1, expect.stringMatching(why)]);
  });

  it.each<[string, Partial<Rule>]>([
    ['of a rule', { whoever: true } as Partial<Rule>],
    ['of when', { when: { ...aWhen(), weather: ['rain'] } as Rule['when'] }],
    ['of on-call', { onCall: { ...aRule().onCall, moon: 'full' } as Rule['onCall'] }],
    [
      'of the owner of a thing',
      {
        onCall: {
          ...aRule().onCall,
          owner: { map: [] } as unknown as OnCallTargets['owner'],
        } as OnCallTargets,
      },
    ],
    [
      'of labels',
      { when: { ...aWhen(), resources: { kinds: ['*'], names: ['*'], labels: { env: ['prod'] } } } },
    ],
    ['of a requirement', { require: { ...aRule().require, blood: true } as Rule['require'] }],
  ])('asks for something %s that proofs do not know: never proven', (_where, rule) => {
    const claim = { never: { approve: ['prodaccess'], when: {}, unless: ['reason'] } } as ClaimConfig;
    const policy = aPolicy({ rules: [aRule({ require: { ...aRule().require, reason: true }, ...rule })] });

    const proof = tryClaim(claim, policy);
    expect(proof.state).toBe('undecided');
    expect('why' in proof && proof.why).toMatch(/do not know/u);
  });

  it('takes too long: fails, and says so', () => {
    const [people, rooms] = [11, 10];
    const all = Array.from({ length: people }, (_, person) => `p${person}`);
    const room = (index: number) => `room-${index}`;
    // Each rule is got out of by one room for one person alone: there is a room too few, which takes all ways to find out.
    const traits = (values: readonly string[]) =>
      Object.fromEntries(Array.from({ length: rooms }, (_, index) => [room(index), [...values]]));
    const brief = { ...aRule().require, maxDurationMs: 1 };
    const rules = all.map((person) =>
      aRule({
        name: person,
        when: { ...aWhen(), requesterTraits: traits(all.filter((each) => each !== person)) },
        require: brief,
      }),
    );
    const claim: ClaimConfig = {
      never: {
        approve: ['prodaccess'],
        when: { requester_traits: traits(all) },
        unless: [{ max_duration: 1 }],
      },
    };

    expect(tryClaim(claim, aPolicy({ rules: [aRule({ name: 'first' }), ...rules] }))).toMatchObject({
      state: 'undecided',
      why: 'it takes more than 30000 steps',
    });
  });
});
