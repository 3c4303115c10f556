import { createInterface } from 'node:readline/promises';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '../config/config-error.ts';
import { SECOND } from '../core/values/instant.ts';
import { PAGE_TYPE, PagerDutyError } from '../ports/pagerduty.ts';
import { livePagerDuty } from './live.ts';
import type { Terminal } from './terminal.ts';

const DEADLINE_MS = 60 * SECOND;

/**
 * `setup pagerduty`: makes the incident type of pages and its custom fields, once it has said what is lacking and somebody agreed. PagerDuty
 * cannot delete a type again. Gives exit code 0, or 1 where nothing was made that is lacking. Throws ConfigError.
 */
export async function setUpPagerDuty(
  { config: configFile, yes }: { readonly config: string; readonly yes: boolean },
  terminal: Terminal,
  input: NodeJS.ReadStream = process.stdin,
): Promise<number> {
  using pagerduty = livePagerDuty(loadConfig(configFile, terminal.environment));
  const { pageType } = pagerduty;
  const ask = { signal: AbortSignal.timeout(DEADLINE_MS) };
  try {
    const lacking = await pageType.lacking(ask);
    if (lacking.length === 0) {
      terminal.print('ok  the incident type of pages and its custom fields are there');
      return 0;
    }
    const fields = lacking.filter((name) => name !== PAGE_TYPE);
    if (fields.length < lacking.length)
      terminal.print(`to be made: incident type \`${PAGE_TYPE}\`, which cannot be deleted again`);
    if (fields.length > 0) terminal.print(`to be made: custom fields of it, ${fields.join(', ')}`);
    if (!yes && !(await isAgreed(input))) {
      terminal.print('nothing was made');
      return 1;
    }
    await pageType.create(lacking, ask);
    terminal.print('ok  made: pages have them within the hour, at once after a restart');
    return 0;
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    const remedy =
      error.kind === 'forbidden'
        ? ': an admin’s key is needed, in a configuration for this once; or make them by hand, see docs/api-keys.md'
        : '';
    terminal.print(`FAIL  ${error.message}${remedy}`);
    return 1;
  }
}

async function isAgreed(input: NodeJS.ReadStream): Promise<boolean> {
  if (!input.isTTY) throw new ConfigError('nobody is there to be asked: say `--yes` as well');
  using questions = createInterface({ input });
  process.stderr.write('Make them? [y/N] ');
  const line = await questions[Symbol.asyncIterator]().next();
  return line.done !== true && /^y(?:es)?$/iu.test(line.value.trim());
}
