import { Command } from '@commander-js/extra-typings';
import { registerLedgerCommands } from './commands/ledger/register.ts';
import { registerRulesCommands } from './commands/rules/register.ts';
import { createTerminal, spelledOut } from './commands/terminal.ts';
import { ConfigError } from './config/config-error.ts';
import { VERSION } from './version.ts';
import { messageOf } from './core/values/cause.ts';

const EXIT_FAILED = 1;
const EXIT_CONFIG = 2;

const terminal = createTerminal(process.stdout, process.env);

// Each command is loaded when it is called: the service keeps in memory only what it runs.
const program = new Command('oncall-approver')
  .description('approves Teleport access requests when PagerDuty says that the right person is on call')
  .version(VERSION);

program
  .command('run')
  .description('watch access requests, decide, record, carry out; until SIGTERM')
  .requiredOption('-c, --config <file>', 'configuration file (YAML)')
  .action(({ config }) =>
    finish(import('./commands/run.ts').then(({ run }) => run(config, terminal, stopSignal()))),
  );

program
  .command('check')
  .description(
    'check the configuration against Teleport and PagerDuty, one line per finding; changes nothing',
  )
  .requiredOption('-c, --config <file>', 'configuration file (YAML)')
  .option(
    '--ping-webhook',
    "have PagerDuty send a test event by the service's webhook subscription, and wait for it",
    false,
  )
  .action(({ config, pingWebhook }) =>
    finish(import('./commands/check.ts').then(({ check }) => check(config, terminal, { pingWebhook }))),
  );

program
  .command('forecast')
  .description(
    'tell who could be approved when in the days to come, in which hours nobody could be, and who would be refused; changes nothing',
  )
  .requiredOption('-c, --config <file>', 'configuration file (YAML)')
  .option('--days <number>', 'how far ahead', '14')
  .option('--json', 'as JSON, with everything that the table leaves out', false)
  .option('--strict', 'exit with 1 where something will go wrong', false)
  .action((options) =>
    finish(import('./commands/forecast.ts').then(({ forecastRules }) => forecastRules(options, terminal))),
  );

program
  .command('healthcheck')
  .description(
    'ask the service on this machine whether its process answers; for the HEALTHCHECK of a container',
  )
  .requiredOption('-c, --config <file>', 'configuration file (YAML)')
  .action(({ config }) =>
    finish(import('./commands/healthcheck.ts').then(({ healthcheck }) => healthcheck(config, terminal))),
  );

program
  .command('identities')
  .description('who of Teleport is who in PagerDuty')
  .command('propose')
  .description('write a map of Teleport users to PagerDuty ids, by equal addresses, to look through')
  .requiredOption('-c, --config <file>', 'configuration file (YAML)')
  .option('-o, --output <file>', 'file for the map, which must not be there yet; printed without it')
  .action((options) =>
    finish(
      import('./commands/identities/propose.ts').then(({ proposeIdentities }) =>
        proposeIdentities(options, terminal),
      ),
    ),
  );

registerLedgerCommands(program, terminal, finish);
registerRulesCommands(program, terminal, finish);

// Whoever reads our lines may have read enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
await program.parseAsync();

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT_FAILED);
      controller.abort();
    });
  }
  return controller.signal;
}

/** Sentences for what a person can mend, and the exit code: 2 for the configuration, 1 for everything else. */
async function finish(command: Promise<number>): Promise<void> {
  try {
    process.exitCode = await command;
  } catch (error) {
    const message = messageOf(error);
    process.stderr.write(`oncall-approver: ${spelledOut(message)}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : EXIT_FAILED;
  }
}
