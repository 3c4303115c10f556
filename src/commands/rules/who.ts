import { ConfigError } from '../../config/config-error.ts';
import { duration } from '../../config/written-values.ts';
import { whoMayHave, type Approvable, type Besides } from '../../core/forecast/who.ts';
import { DAY } from '../../core/values/instant.ts';
import { listed, sanitise } from '../../core/values/words.ts';
import { aheadOf, minute, MOST_DAYS } from '../reading-ahead.ts';
import { tableLines, type Terminal } from '../terminal.ts';

export interface RulesWhoOptions {
  readonly config: string;
  readonly role: string;
  /** How long from now, for instance 7d. */
  readonly until: string;
  readonly json?: boolean;
}

/**
 * `rules who`: everybody who could be approved for a role from now until then, by which rule and shift; changes nothing. Throws
 * ConfigError, TeleportError or PagerDutyError.
 */
export async function whoCould(options: RulesWhoOptions, terminal: Terminal): Promise<number> {
  const { role, until } = options;
  const length = duration.safeParse(until).data ?? 0;
  if (length <= 0 || length > MOST_DAYS * DAY) {
    throw new ConfigError(`\`--until ${until}\` is no time of up to ${MOST_DAYS}d from now, for instance 7d`);
  }
  const { window, ahead } = await aheadOf(options.config, length, terminal);
  const who = whoMayHave(role, ahead);
  if (options.json === true) terminal.print(JSON.stringify({ role, ...window, ...who }));
  else {
    terminal.print(
      `who could be approved for ${sanitise(role, 100)} from ${minute(window.from)} to ${minute(window.until)}, all times are UTC`,
    );
    terminal.print('');
    for (const line of tableOf(who.people)) terminal.print(line);
    for (const each of who.besides) terminal.print(`also: ${besideWords(each)}`);
  }
  return 0;
}

function tableOf(people: readonly Approvable[]): readonly string[] {
  if (people.length === 0) return ['nobody by a shift of their own'];
  const rows = people.flatMap(({ user, accounts, rule, schedules, stretches, ifAlso }) =>
    stretches.map(({ from, until }) => [
      sanitise(user.summary, 60),
      accounts.length === 0 ? 'not known' : sanitise(accounts.join(', '), 100),
      rule,
      schedules.length === 0 ? 'named in the policy' : sanitise(schedules.join(', '), 100),
      `${minute(from)} to ${minute(until)}${ifAlso.length === 0 ? '' : `, where ${listed(ifAlso)} also approves or does not cover it`}`,
    ]),
  );
  return tableLines([['person', 'in Teleport', 'rule', 'shift', 'could be approved'], ...rows]);
}

function besideWords({ rule, who }: Besides): string {
  switch (who) {
    case 'helpers':
      return `by rule ${rule}, whoever is asked to help with an incident by who is on call`;
    case 'annotated':
      return `by rule ${rule}, whoever is on call for a service that an annotation of their request names`;
    case 'labelled':
      return `by rule ${rule}, whoever is on call for a service that a label of the thing names`;
    case 'break-glass':
      return `by rule ${rule}, whom it covers, in an emergency: PagerDuty is silent, or nobody can be paged`;
    case 'not-known':
      return `by rule ${rule}, perhaps: what it names could not be read in full (\`forecast\` says what)`;
  }
}
