import type { Command } from '@commander-js/extra-typings';
import { explain, rolesIn } from '../explain.ts';
import { printSchema } from '../schema.ts';
import { configOption } from '../options.ts';
import type { Terminal } from '../terminal.ts';

/** Adds what helps to write rules and to trust them. `finish` turns a command's result into the exit code. */
export function registerRulesCommands(
  program: Command,
  terminal: Terminal,
  finish: (command: Promise<number>) => Promise<void>,
): void {
  program
    .command('explain')
    .description('ask the live systems what would be decided on a request, and why; changes nothing')
    .addOption(configOption(terminal))
    .option('--user <name>', 'Teleport user who asks')
    .option('--roles <names>', 'requested roles, between commas', rolesIn)
    .option('--reason <text>', 'reason of the request')
    .option('--duration <duration>', 'how long the access would last, for instance 8h')
    .option('--resource <kind/name>', 'requested resource, or /cluster/kind/name; may be repeated', collected)
    .option(
      '--annotation <name=values>',
      "annotation that the requester's roles put on requests; may be repeated",
      collected,
    )
    .option('--request <id>', 'a request that was made, instead of all the above')
    .option('--at <moment>', 'judge who is on call then: 2026-03-03T02:14Z, or 2h for two hours ago')
    .option('--json', 'the whole decision with its facts, as in the ledger')
    .action((options) => finish(explain(options, terminal)));

  program
    .command('schema')
    .description('print the JSON Schema of the configuration, for editors')
    .action(() => finish(printSchema(terminal)));

  const rules = program
    .command('rules')
    .description('prove the rules of a configuration before it goes live');
  rules
    .command('test')
    .description(
      'decide the cases of YAML files, without network or credentials; fails when one is not as expected',
    )
    .argument('<files...>', 'files of cases; config/oncall-approver.rules-test.yaml shows how')
    .addOption(configOption(terminal))
    .option('-v, --verbose', 'name the cases that pass as well')
    .action((files, options) =>
      finish(import('./test.ts').then(({ testRules }) => testRules(files, options, terminal))),
    );
  rules
    .command('prove')
    .description('prove the claims of the configuration for all requests, or show a case that breaks one')
    .addOption(configOption(terminal))
    .action((options) =>
      finish(import('./prove.ts').then(({ proveRules }) => proveRules(options, terminal))),
    );
  rules
    .command('who')
    .description('ask the live systems who could be approved for a role from now on, by which rule and shift')
    .addOption(configOption(terminal))
    .requiredOption('--role <name>', 'the Teleport role')
    .option('--until <duration>', 'how long from now on, up to 85d', '7d')
    .option('--json', 'for programs')
    .action((options) => finish(import('./who.ts').then(({ whoCould }) => whoCould(options, terminal))));
  rules
    .command('lint')
    .description('warn of rules that do less, or more, than they seem to')
    .addOption(configOption(terminal))
    .option('--strict', 'fail when there is a warning')
    .action((options) => finish(import('./lint.ts').then(({ lintRules }) => lintRules(options, terminal))));
}

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
