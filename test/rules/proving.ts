import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { proveRules } from '../../src/commands/rules/prove.ts';
import { testRules } from '../../src/commands/rules/test.ts';
import { CapturedTerminal } from '../commands/captured-terminal.ts';

const REST = `
teleport: { addr: 'teleport.example.com:443', identity: identity }
pagerduty: { api_key: '\${KEY}', from: approver@example.com }
identities: [{ trait: email }]
`;
const GLASS = [
  '  - { name: prod, escalate: { service: Desk }, roles: [prod], on_call: { services: [Payments API] } }',
  '  - { name: glass, escalate: { service: Desk }, roles: [prod], break_glass: true, when: { requester_roles: [a] } }',
];
export const ON_CALL = 'on_call: { services: [Payments API] }';
export const UNLESS_ON_CALL = `never: { approve: [prod], unless: [${ON_CALL}] }`;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'claims-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A configuration with these rules, each a line without its name, and these claims. */
export function configured(
  rules: readonly string[],
  claims: readonly string[],
  before: readonly string[] = rules,
): string {
  const file = join(folder(), 'config.yaml');
  writeFileSync(join(file, '../glass.yaml'), ['rules:', ...GLASS].join('\n'));
  const old = before.map((rule, index) => `  - { name: old-${index}, ${pages(rule)} ${rule} }`);
  writeFileSync(join(file, '../old.yaml'), ['rules:', ...old].join('\n'));
  const named = rules.map((rule, index) => `  - { name: rule-${index}, ${pages(rule)} ${rule} }`);
  const text = [REST, 'rules:', ...named, 'claims:', ...claims.map((claim) => `  - ${claim}`)].join('\n');
  writeFileSync(file, text);
  return file;
}

function pages(rule: string): string {
  return rule.includes('notify:') ? '' : 'escalate: { service: Desk },';
}

export async function proving(config: string): Promise<{ readonly code: number; readonly text: string }> {
  const terminal = new CapturedTerminal();
  const code = await proveRules({ config }, terminal);
  return { code, text: terminal.lines.join('\n') };
}

/** What `rules test` makes of the case that `rules prove` shows. */
export async function testing(config: string, text: string): Promise<string> {
  const shown = text.slice(text.indexOf('cases:'), text.lastIndexOf('\n'));
  const file = join(folder(), 'cases.yaml');
  writeFileSync(file, shown);
  const terminal = new CapturedTerminal();
  const code = await testRules([file], { config }, terminal);
  return `${code} ${terminal.lines.join('\n')}`;
}

export const PROD = `roles: [prod], ${ON_CALL}`;
export const BRIEF = `${PROD}, require: { max_duration: 1h }`;
export const OWNER = 'on_call: { owner: { label: team, unowned: Desk } }';
export const DAYTIME = "{ time_zone: UTC, spans: [{ from: '08:00', until: '18:00' }] }";
export const SAME = 'same_as: old.yaml';
export const YOUNG = 'on_call: { services: [Payments API], min_shift_age: 0s }';
export const EXCUSED =
  'never: { approve: [prod], when: { requester_roles: [a] }, unless: [requester_roles: [a, b]] }';
export const ASKED = 'always: { person_asked: [prod], when: { pagerduty: unknown } }';
