import { Command, CommanderError } from '@commander-js/extra-typings';
import { registerLedgerCommands } from './ledger/register.ts';
import { registerRulesCommands } from './rules/register.ts';
import type { Signals } from './run.ts';
import { configOption } from './options.ts';
import { spelledOut, type Terminal } from './terminal.ts';
import { ConfigError } from '../config/config-error.ts';
import { VERSION } from '../version.ts';
import { messageOf } from '../core/values/cause.ts';

const EXIT_FAILED = 1;
const EXIT_CONFIG = 2;

export interface Surroundings {
  readonly terminal: Terminal;
  /** Text on standard error. */
  readonly complain: (text: string) => void;
  /** Asked for by what runs until it is told to stop. */
  readonly signals: () => Signals;
}

/**
 * One call of the program, by what stands behind its name; gives the exit code. Sentences for what a person can mend: 2 for the
 * configuration and for what was typed, 1 for everything else that failed.
 */
export async function callProgram(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { complain } = surroundings;
  let exitCode = 0;
  async function finish(command: Promise<number>): Promise<void> {
    try {
      exitCode = await command;
    } catch (error) {
      complain(`oncall-approver: ${spelledOut(messageOf(error))}\n`);
      exitCode = error instanceof ConfigError ? EXIT_CONFIG : EXIT_FAILED;
    }
  }
  try {
    await createProgram(surroundings, finish).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Being asked for help or the version is no failure.
    exitCode = error.exitCode === 0 ? 0 : EXIT_WRONG_USE;
  }
  return exitCode;
}

/** Each command is loaded when it is called: the service keeps in memory only what it runs. */
function createProgram(
  { terminal, complain, signals }: Surroundings,
  finish: (command: Promise<number>) => Promise<void>,
): Command {
  const program = new Command('oncall-approver')
    .description('approves Teleport access requests when PagerDuty says that the right person is on call')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeErr: complain, writeOut: (text) => terminal.print(text.trimEnd()) })
    .showHelpAfterError('(--help tells what can be said)');

  program
    .command('run')
    .description('watch access requests, decide, record, carry out; until SIGTERM')
    .addOption(configOption(terminal))
    .action(({ config }) => finish(import('./run.ts').then(({ run }) => run(config, terminal, signals()))));

  program
    .command('check')
    .description(
      'check the configuration against Teleport and PagerDuty, one line per finding; changes nothing',
    )
    .addOption(configOption(terminal))
    .option(
      '--ping-webhook',
      "have PagerDuty send a test event by the service's webhook subscription, and wait for it",
      false,
    )
    .option('--json', 'one JSON document with every finding', false)
    .action(({ config, ...options }) =>
      finish(import('./check.ts').then(({ check }) => check(config, terminal, options))),
    );

  program
    .command('setup')
    .description('prepare what the service can use, where it is not there')
    .command('pagerduty')
    .description('an incident type for pages, with custom fields; says what it would make, and asks')
    .addOption(configOption(terminal))
    .option('--yes', 'without asking', false)
    .action((options) =>
      finish(import('./setup-pagerduty.ts').then(({ setUpPagerDuty }) => setUpPagerDuty(options, terminal))),
    );

  program
    .command('migrate')
    .description(
      "write settings from those of Teleport's PagerDuty plugin, and say line by line what is other than it was",
    )
    .argument('<file>', 'of the plugin, teleport-pagerduty.toml')
    .requiredOption('--roles <file>', 'what `tctl get roles` writes')
    .option('-o, --output <folder>', 'where to; nothing that is there is written over', 'settings')
    .action((file, options) =>
      finish(import('./migrate.ts').then(({ migrate }) => migrate(file, options, terminal))),
    );

  program
    .command('init')
    .description(
      'write first settings, roles for Teleport and cases of the rule; asks for what no option says',
    )
    .argument('[folder]', 'where to; nothing that is there is written over', 'settings')
    .option('--teleport <host:port>', "Teleport's address")
    .option('--from <address>', 'e-mail address of the PagerDuty user for this service')
    .option('--role <name>', 'Teleport role that is asked for')
    .option('--service <name>', 'PagerDuty service whose on-call engineer gets it')
    .option('--page <name>', 'PagerDuty service that pages those who may approve everybody else')
    .action((folder, options) =>
      finish(import('./init.ts').then(({ init }) => init(folder, options, terminal))),
    );

  program
    .command('forecast')
    .description(
      'tell who could be approved when in the days to come, in which hours nobody could be, and who would be refused; changes nothing',
    )
    .addOption(configOption(terminal))
    .option('--days <number>', 'how far ahead', '14')
    .option('--json', 'as JSON, with everything that the table leaves out', false)
    .option('--strict', 'exit with 1 where something will go wrong', false)
    .action((options) =>
      finish(import('./forecast.ts').then(({ forecastRules }) => forecastRules(options, terminal))),
    );

  program
    .command('owners')
    .description(
      'tell whose everything is that rules by owners are for, and who is on call for it now; changes nothing',
    )
    .addOption(configOption(terminal))
    .option('--json', 'as one JSON document, a line for each resource', false)
    .option('--strict', 'exit with 1 where something has no owner, or one that there is not', false)
    .action((options) => finish(import('./owners.ts').then(({ owners }) => owners(options, terminal))));

  program
    .command('healthcheck')
    .description(
      'ask the service on this machine whether its process answers; for the HEALTHCHECK of a container',
    )
    .addOption(configOption(terminal))
    .action(({ config }) =>
      finish(import('./healthcheck.ts').then(({ healthcheck }) => healthcheck(config, terminal))),
    );

  program
    .command('identities')
    .description('who of Teleport is who in PagerDuty')
    .command('propose')
    .description('write a map of Teleport users to PagerDuty ids, by equal addresses, to look through')
    .addOption(configOption(terminal))
    .option('-o, --output <file>', 'file for the map, which must not be there yet; printed without it')
    .action((options) =>
      finish(
        import('./identities/propose.ts').then(({ proposeIdentities }) =>
          proposeIdentities(options, terminal),
        ),
      ),
    );

  program
    .command('completion')
    .description(
      'print what completes commands and options in a shell: `source <(oncall-approver completion bash)`',
    )
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell) =>
      finish(
        import('./completion.ts').then(({ printCompletion }) => printCompletion(shell, program, terminal)),
      ),
    );

  registerLedgerCommands(program, terminal, finish);
  registerRulesCommands(program, terminal, finish);
  suggestConfig(program);
  return program;
}

const EXIT_WRONG_USE = 2;

/** Whoever gives a command one file too many most often means the configuration: that is what they are told, before the complaint. */
function suggestConfig(program: Command): void {
  for (const command of program.commands) {
    suggestConfig(command as Command);
    const output = command.configureOutput();
    command.configureOutput({
      outputError(message, write) {
        const [file] = command.args.filter((each) => /\.ya?ml$/u.test(each));
        const takes = command.options.some(({ long }) => long === '--config');
        const meant = takes && file !== undefined && message.includes('too many arguments');
        output.outputError?.(
          meant ? `${message.trimEnd()}\n(Did you mean --config ${file}?)\n` : message,
          write,
        );
      },
    });
  }
}
