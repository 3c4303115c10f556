import { Option, type Command } from '@commander-js/extra-typings';
import { ConfigError } from '../../config/config-error.ts';
import { configOption } from '../options.ts';
import type { Terminal } from '../terminal.ts';

const CONFIG = [
  '-c, --config <file>',
  'configuration file: it says where the ledger is (as for other commands, unless --ledger says it)',
] as const;
const PLACE = 'configuration file: it says where the ledger is';
const LEDGER = [
  '--ledger <file>',
  'the ledger itself, a SQLite file, for instance a copy; instead of --config',
] as const;

const NEITHER =
  'name the request and where it goes, `ID --out FILE`, or what is to be checked, `--verify FILE`';

/** Adds `ledger` and what can be asked of it. `finish` turns a command's result into the exit code. */
export function registerLedgerCommands(
  program: Command,
  terminal: Terminal,
  finish: (command: Promise<number>) => Promise<void>,
): void {
  const ledger = program.command('ledger').description('read, prove and replay the record of decisions');

  ledger
    .command('list')
    .description('decisions, newest first')
    .option(...CONFIG)
    .option(...LEDGER)
    .option('--user <name>', 'of this requester; * stands for any text')
    .option('--role <name>', 'for this role; * stands for any text')
    .option('--rule <name>', 'under this rule; * stands for any text')
    .option('--verdict <verdict>', 'approve, escalate, deny or abstain')
    .option('--request <id>', 'of this request: its id, or the beginning')
    .option('--reason <words>', 'with all of these words in the reason')
    .option('--resource <name>', 'for this resource, or used on it; * stands for any text')
    .option('--outcome <outcome>', 'approved, denied, promoted, deleted, expired or open')
    .option('--approver <name>', 'let in, or turned down, by them; * stands for any text')
    .option('--used <answer>', 'whether the access was used: yes, no or not-known')
    .option('--held-at <moment>', 'who had access then, whenever it was given: 2026-03-03T02:00Z')
    .option('--since <moment>', 'from then on: 2026-03-03, 2026-03-03T02:14Z, or 7d for a week ago')
    .option('--until <moment>', 'before then')
    .option('--limit <number>', 'at most so many')
    .option('--json', 'JSON Lines')
    .option('--csv', 'CSV with a heading')
    .action((options) => finish(import('./list.ts').then(({ list }) => list(options, terminal))));

  ledger
    .command('usage')
    .description(
      'what became of the access that was given, by rule and role, and what a person should look at',
    )
    .option(...CONFIG)
    .option(...LEDGER)
    .option('--since <moment>', 'decided from then on: 2026-01-01, or 90d for a quarter')
    .option('--until <moment>', 'decided before then')
    .option('--json', 'JSON Lines, one an access')
    .option('--csv', 'CSV with a heading, one line an access: for a review')
    .action((options) => finish(import('./usage.ts').then(({ usage }) => usage(options, terminal))));

  ledger
    .command('show')
    .description('the whole story of a request, in words')
    .argument('<id>', 'of a request or a decision, or the beginning of one')
    .option(...CONFIG)
    .option(...LEDGER)
    .option('--json', 'its entries, one a line')
    .action((id, options) => finish(import('./show.ts').then(({ show }) => show(id, options, terminal))));

  ledger
    .command('verify')
    .description('check the chain and derive every decision again')
    .option(...CONFIG)
    .option(...LEDGER)
    .option('--export <file>', 'check an export instead of the ledger')
    .option(
      '--against <what>',
      'compare with teleport, pagerduty, or the file of a summary; several with commas',
    )
    .option('--json', 'one line of JSON')
    .action((options) => finish(import('./verify.ts').then(({ verify }) => verify(options, terminal))));

  ledger
    .command('export')
    .description(
      'write all entries as JSON Lines, and a summary that shows later whether the ledger was changed',
    )
    .option(...CONFIG)
    .option(...LEDGER)
    .requiredOption('--out <file>', 'the export')
    .option('--summary <file>', 'the summary, to be kept where nobody can change it')
    .addOption(
      new Option(
        '--format <format>',
        'jsonl: all entries; ocsf: what they say to a SIEM, as OCSF events of class IAM',
      )
        .choices(['jsonl', 'ocsf'] as const)
        .default('jsonl' as const),
    )
    .option('--after <entry>', 'with ocsf: only of entries after this one')
    .action((options) =>
      finish(
        options.format === 'ocsf'
          ? import('./export-ocsf.ts').then(({ exportOcsf }) => exportOcsf(options, terminal))
          : import('./export.ts').then(({ exportLedger }) => exportLedger(options, terminal)),
      ),
    );

  ledger
    .command('evidence')
    .description(
      'all about one request as one archive to be filed: entries, their proof, what it was used for, the rules, and a page that opens without the service',
    )
    .argument('[id]', 'of a request or a decision, or the beginning of one')
    .option(...CONFIG)
    .option(...LEDGER)
    .option('--out <file>', 'the archive, a tar file, which is made')
    .option('--verify <file>', 'checks an archive, and whether the ledger holds it where one is named')
    .action((id, { out, verify, ...place }) => {
      if (verify !== undefined)
        return finish(
          import('./verify-evidence.ts').then(({ verifyEvidence }) =>
            verifyEvidence(verify, place, terminal),
          ),
        );
      if (id === undefined || out === undefined) return finish(Promise.reject(new ConfigError(NEITHER)));
      return finish(
        import('./evidence.ts').then(({ evidence }) => evidence(id, { ...place, out }, terminal)),
      );
    });

  ledger
    .command('backup')
    .description('copy the ledger (SQLite) to a new file, while the service may go on')
    .addOption(configOption(terminal, PLACE))
    .requiredOption('--out <file>', 'the copy')
    .action((options) => finish(import('./backup.ts').then(({ backup }) => backup(options, terminal))));

  ledger
    .command('replay')
    .description('which past requests other rules would decide differently, and why')
    .addOption(configOption(terminal, 'configuration file with these rules'))
    .option('--ledger <file>', 'the ledger, if the configuration does not say where it is')
    .option('--since <moment>', 'decisions from then on: 2026-03-03, or 30d')
    .option('--json', 'JSON Lines: each difference, then a summary')
    .option('--expect-none', 'exit code 1 when there is any difference')
    .action((options) => finish(import('./replay.ts').then(({ replay }) => replay(options, terminal))));

  ledger
    .command('prune')
    .description('remove old entries; a checkpoint takes their place and keeps the chain verifiable')
    .addOption(configOption(terminal, PLACE))
    .requiredOption('--before <moment>', 'entries before then: 2025-01-01, or 400d for so many days ago')
    .option('--dry-run', 'only say what would be removed')
    .action((options) => finish(import('./prune.ts').then(({ prune }) => prune(options, terminal))));

  const key = ledger.command('key').description('the key by which the service knows its own entries');
  key
    .command('init')
    .description('make the key, seal what the ledger holds, and set the mark; with the service stopped')
    .addOption(configOption(terminal, 'configuration file: it says where ledger and key are'))
    .action((options) => finish(import('./key.ts').then(({ initKey }) => initKey(options, terminal))));
  key
    .command('rotate')
    .description('take the next of three steps to a new key; the service may go on')
    .addOption(configOption(terminal, 'configuration file: it says where ledger and key are'))
    .action((options) => finish(import('./key.ts').then(({ rotateKey }) => rotateKey(options, terminal))));
}
