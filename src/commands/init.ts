import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../config/config-error.ts';
import { firstFiles, type FirstAnswers } from '../config/first-settings.ts';
import { messageOf } from '../core/values/cause.ts';
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
  const taken = files.map(([name]) => join(folder, name)).filter((path) => existsSync(path));
  if (taken.length > 0) {
    throw new ConfigError(
      `\`${taken.join('`, `')}\` is there already, and nothing was written: name another folder`,
    );
  }
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of files) writeFileSync(join(folder, name), text, { flag: 'wx', mode: 0o640 });
  } catch (error) {
    throw new ConfigError(`\`${folder}\` cannot be written to (${messageOf(error)}): name another folder`);
  }
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
  const config = join(folder, 'oncall-approver.yaml');
  return [
    `written: ${config}, teleport-roles.yaml, rules-test.yaml`,
    '',
    'What to do next:',
    `1. oncall-approver rules test ${join(folder, 'rules-test.yaml')} --config ${config}`,
    `2. Teleport: tctl create ${join(folder, 'teleport-roles.yaml')}, then tctl bots add oncall-approver --roles=oncall-approver,`,
    `   and have tbot write the identity to ${join(folder, 'identity')}`,
    `3. PagerDuty: make the user and an API key (Integrations, API Access Keys), and write the key into ${join(folder, 'pagerduty-key')}`,
    `4. oncall-approver check --config ${config}`,
    `5. oncall-approver run --config ${config}; it approves nobody while the rule says mode: shadow`,
  ];
}
