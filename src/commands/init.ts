import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../config/config-error.ts';
import { firstFiles, type FirstAnswers } from '../config/first-settings.ts';
import { shellWord, writeNewFiles } from './new-files.ts';
import type { Terminal } from './terminal.ts';

const QUESTIONS: Readonly<Record<keyof FirstAnswers, string>> = {
  teleport: "Teleport's address (teleport.example.com:443)",
  from: 'E-mail address of a PagerDuty user for this service (oncall-approver@example.com)',
  role: 'Teleport role that is asked for (prodaccess)',
  service: 'PagerDuty service whose on-call engineer gets it (Payments API)',
  page: 'PagerDuty service that pages those who may approve everybody else (Access requests)',
};
const NAMES = Object.keys(QUESTIONS) as (keyof FirstAnswers)[];

export type InitOptions = Partial<FirstAnswers>;

/**
 * `init`: asks for what no option says, where somebody can answer, and writes first settings, roles and cases into the folder, over
 * nothing that is there. Gives exit code 0. Throws ConfigError.
 */
export async function init(
  folder: string,
  options: InitOptions,
  terminal: Terminal,
  input: NodeJS.ReadStream = process.stdin,
): Promise<number> {
  const files = Object.entries(firstFiles(await answersOf(options, input)));
  writeNewFiles(folder, new Map(files.map(([name, text]) => [name, { text, mode: 0o640 }])));
  for (const line of nextSteps(folder)) terminal.print(line);
  return 0;
}

async function answersOf(options: InitOptions, input: NodeJS.ReadStream): Promise<FirstAnswers> {
  const open = NAMES.filter((name) => options[name] === undefined);
  const answers: Partial<Record<keyof FirstAnswers, string>> = { ...options };
  if (open.length > 0 && !input.isTTY) {
    throw new ConfigError(
      `nobody is there to be asked: say ${open.map((name) => `\`--${name}\``).join(', ')} as well`,
    );
  }
  if (open.length === 0) return answers as FirstAnswers;
  using questions = createInterface({ input });
  const lines = questions[Symbol.asyncIterator]();
  for (const name of open) {
    process.stderr.write(`${QUESTIONS[name]}: `);
    const line = await lines.next();
    if (line.done === true) throw new ConfigError(`no answer was given to \`${QUESTIONS[name]}\``);
    answers[name] = line.value.trim();
  }
  return answers as FirstAnswers;
}

function nextSteps(folder: string): readonly string[] {
  const at = (name: string) => shellWord(join(folder, name));
  const config = at('oncall-approver.yaml');
  return [
    `written: ${config}, teleport-roles.yaml, rules-test.yaml`,
    '',
    'What to do next:',
    '1. See what the rule says:',
    `     oncall-approver rules test ${at('rules-test.yaml')} --config ${config}`,
    '2. Teleport: the roles, a bot, and its identity, by tbot or signed by hand:',
    `     tctl create ${at('teleport-roles.yaml')}`,
    '     tctl bots add oncall-approver --roles=oncall-approver',
    `   the identity goes to ${at('identity')}`,
    '3. PagerDuty: a user, and a key (Integrations, API Access Keys), which goes to',
    `   ${at('pagerduty-key')}`,
    '4. Prove it, then run it; it approves nobody while the rule is in shadow:',
    `     oncall-approver check --config ${config}`,
    `     oncall-approver run --config ${config}`,
  ];
}
