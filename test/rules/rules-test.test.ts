import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testRules } from '../../src/commands/rules/test.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadCases } from '../../src/rules/load-cases.ts';
import { CapturedTerminal } from '../commands/captured-terminal.ts';

const EXAMPLE = join(import.meta.dirname, '../../config/oncall-approver.example.yaml');
const CASES = join(import.meta.dirname, '../../config/oncall-approver.rules-test.yaml');

/** A world in which Sam is on call, for cases of one line each. */
const GIVEN = `given:
  time: '2026-03-03T10:00:00Z'
  request: { user: sam, roles: [prodaccess], reason: checkout fails }
  teleport_users: { sam: { roles: [sres], traits: { email: [sam@example.com] } } }
  pagerduty_users: { PSAM1RE: { name: Sam, email: sam@example.com } }
  services: { Payments API: { escalation_policy: Payments }, Access requests: { escalation_policy: Payments } }
  schedules: [Primary]
  on_call: [{ user: Sam, escalation_policy: Payments, schedule: Primary }]
`;

interface Outcome {
  readonly code: number;
  readonly lines: readonly string[];
}

/** What `rules test` makes of the text as a file of cases for the example configuration. */
async function testing(text: string, options: { verbose?: boolean; config?: string } = {}): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'cases-'));
  const terminal = new CapturedTerminal();
  try {
    const file = join(folder, 'cases.yaml');
    await writeFile(file, text);
    const code = await testRules([file], { config: EXAMPLE, ...options }, terminal);
    return { code, lines: terminal.lines.map((line) => line.replaceAll(folder, '')) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function refusal(text: string): Promise<string> {
  const error: unknown = await testing(text).then(
    () => new Error('nothing is wrong with it'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw error;
  return error.message.replaceAll(/\/\S*\/cases\.yaml/gu, 'cases.yaml');
}

describe('the cases of the example configuration', () => {
  it('all pass, without network or credentials', async () => {
    const terminal = new CapturedTerminal();

    const code = await testRules([CASES], { config: EXAMPLE }, terminal);

    expect(terminal.lines).toEqual([`${loadCases(CASES).length} of ${loadCases(CASES).length} cases pass`]);
    expect(code).toBe(0);
  });

  it('are at least 40, each with a name of its own, and reach every verdict', () => {
    const cases = loadCases(CASES);

    expect(cases.length).toBeGreaterThanOrEqual(40);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(new Set(cases.map(({ expect: { verdict } }) => verdict)).size).toBe(4);
  });
});

describe('a case that is not as expected', () => {
  it('is told with its line, what was expected and found, and what each rule said', async () => {
    const { code, lines } = await testing(
      `${GIVEN}cases:\n  - name: Sam is denied\n    expect: { verdict: deny, rules: [other], reasons: [no-rule], break_glass: true, shadow: null, provisional: true }\n`,
    );

    expect(code).toBe(1);
    expect(lines.slice(0, 14)).toEqual([
      'FAIL  Sam is denied  (/cases.yaml:10)',
      '      verdict      expected  deny',
      '                   found     approve',
      '      rules        expected  other',
      '                   found     prod-oncall',
      '      reasons      expected  no-rule',
      '                   found     all-conditions-met',
      '      break_glass  expected  true',
      '                   found     false',
      '      shadow       expected  null',
      '                   found     escalate',
      '      provisional  expected  true',
      '                   found     false',
      expect.stringContaining(
        '      all-conditions-met: Sam (by trait `email`) is on call for service Payments API',
      ),
    ]);
    expect(lines.join('\n')).toContain('rule prod-oncall, for prodaccess: approve');
    expect(lines.at(-1)).toBe('0 of 1 cases pass');
  });

  it('does not hide those that pass when they are asked for', async () => {
    const { code, lines } = await testing(
      `${GIVEN}cases:\n  - { name: one, expect: { verdict: approve } }\n  - { name: two, expect: { verdict: approve, reasons: [all-conditions-met] } }\n`,
      { verbose: true },
    );

    expect(lines).toEqual(['ok    one', 'ok    two', '2 of 2 cases pass']);
    expect(code).toBe(0);
  });

  it('fails for a reason too many as for one too few, and takes a condition beside the code', async () => {
    const off = 'given: { on_call: [] }, expect: { verdict: escalate, reasons:';
    const { lines } = await testing(
      `${GIVEN}cases:\n  - { name: too few, ${off} [condition-not-met on-call] } }\n  - { name: too many, ${off} [condition-not-met, no-rule] } }\n  - { name: exact, ${off} [condition-not-met] } }\n`,
      { verbose: true },
    );

    expect(lines.filter((line) => /^(FAIL|ok)/u.test(line)).map((line) => line.split('  (')[0])).toEqual([
      'FAIL  too few',
      'FAIL  too many',
      'ok    exact',
    ]);
  });

  it('fails when the glass is broken and nobody expected it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cases-'));
    const config = join(folder, 'config.yaml');
    const text = await readFile(EXAMPLE, 'utf8');
    const at = text.indexOf('- name: break-glass');
    await writeFile(config, text.slice(0, at) + text.slice(at).replace('    mode: shadow\n', ''));

    const cases = `${GIVEN}cases:\n  - name: PagerDuty is down\n    given: { pagerduty_fails: true, request: { duration: 1h } }\n    expect: { verdict: approve`;
    const unexpected = await testing(`${cases} }\n`, { config });
    const expected = await testing(
      `${cases}, rules: [break-glass], reasons: [break-glass], break_glass: true }\n`,
      { config },
    );
    await rm(folder, { recursive: true });

    expect(unexpected.lines.slice(1, 3)).toEqual([
      '      break_glass  expected  false',
      '                   found     true',
    ]);
    expect(expected.lines).toEqual(['1 of 1 cases pass']);
  });
});

describe('a file of cases that is wrong', () => {
  it('is told everything at once, with lines and near matches', async () => {
    const message = await refusal(
      `${GIVEN}cases:\n  - name: one\n    gvien: {}\n    expect: { verdict: aprove, reasons: [because] }\n  - name: two\n    given: { time: yesterday, on_call: [{ user: Sam, start: soon }] }\n    expect: {}\n`,
    );

    expect(message.split('\n')).toEqual([
      'cases.yaml: 6 problems',
      '  line 11, cases[0] (one).gvien: unknown key: did you mean `given`?',
      '  line 12, cases[0] (one).expect.verdict: must be approve, escalate, deny or abstain',
      expect.stringContaining(
        '  line 12, cases[0] (one).expect.reasons[0]: must be one of all-conditions-met, condition-not-met',
      ),
      '  line 14, cases[1] (two).given.time: must be a moment with an offset, like 2026-03-03T02:14:07Z',
      '  line 14, cases[1] (two).given.on_call[0].start: must be so far from the time of the case, like -2d or +8h, or a moment like 2026-03-03T02:14:07Z',
      '  line 15, cases[1] (two).expect.verdict: must be approve, escalate, deny or abstain',
    ]);
  });

  it.each([
    ['a person it lacks', 'on_call: [{ user: Tay, escalation_policy: Payments }]', 'no person called `Tay`'],
    [
      'a schedule that it does not have',
      'on_call: [{ user: Sam, escalation_policy: Payments, schedule: Other }]',
      'neither `schedules` nor `schedules_without_policy` has `Other`',
    ],
    [
      'a policy that no service uses',
      'on_call: [{ user: Sam, escalation_policy: Other, schedule: Primary }]',
      'no service uses escalation policy `Other`',
    ],
    ['a row of no policy', 'on_call: [{ user: Sam, schedule: Primary }]', 'needs its `escalation_policy`'],
    ['an incident on no service', 'incidents: [{ service: Other }]', '`services` has no `Other`'],
  ])('is told of %s', async (_what, given, told) => {
    const message = await refusal(
      `${GIVEN}cases:\n  - { name: one, given: { ${given} }, expect: { verdict: approve } }\n`,
    );

    expect(message).toContain('cases.yaml: line 10, case `one`: ');
    expect(message).toContain(told);
  });

  it.each([
    ['a time', 'cases: [{ name: one, expect: { verdict: approve } }]', '`time` is missing'],
    [
      'a request',
      "given: { time: '2026-03-03T10:00:00Z' }\ncases: [{ name: one, expect: { verdict: approve } }]",
      '`request` needs `user` and `roles`',
    ],
  ])('is told that %s is missing', async (_what, text, told) => {
    expect(await refusal(text)).toContain(told);
  });
});
