import { ConfigError } from '../config/config-error.ts';
import { gapsIn, problemsIn, unmappedIn } from '../core/forecast/figures.ts';
import { forecast, type RuleAhead } from '../core/forecast/forecast.ts';
import { lengthOf, type Stretch } from '../core/forecast/stretch.ts';
import { DAY, HOUR } from '../core/values/instant.ts';
import { durationWords, sanitise } from '../core/values/words.ts';
import { aheadOf, minute, MOST_DAYS } from './reading-ahead.ts';
import { tableLines, type Terminal } from './terminal.ts';

export interface ForecastOptions {
  readonly config: string;
  readonly days: string;
  readonly json?: boolean;
  readonly strict?: boolean;
}

/**
 * `forecast`: for each rule, who could be approved when in the days to come, and what will go wrong; changes nothing. Gives exit code 0,
 * with `--strict` 1 where something will. Throws ConfigError, TeleportError or PagerDutyError.
 */
export async function forecastRules(options: ForecastOptions, terminal: Terminal): Promise<number> {
  const days = Number(options.days);
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new ConfigError(`\`--days ${options.days}\` is no number of days from 1 to ${MOST_DAYS}`);
  const { window, ahead } = await aheadOf(options.config, days * DAY, terminal);
  const rules = forecast(ahead);
  if (options.json === true) terminal.print(JSON.stringify({ ...window, rules }));
  else for (const line of forecastLines(window, rules)) terminal.print(line);
  return options.strict === true && problemsIn(rules).length > 0 ? 1 : 0;
}

/** A forecast for people: a table of rules and people, then what will go wrong and what to do about it. */
export function forecastLines(window: Stretch, rules: readonly RuleAhead[]): readonly string[] {
  const gaps = gapsIn(rules);
  const people = rules.flatMap(({ rule, approvable }) =>
    approvable.map(({ user, stretches }) => ({ rule, name: sanitise(user.summary, 60), stretches })),
  );
  return [
    `${minute(window.from)} to ${minute(window.until)}, all times are UTC`,
    '',
    ...tableLines([
      ['rule', 'person', 'could be approved'],
      ...people.map(({ rule, name, stretches }) => [rule, name, spans(stretches)]),
      ...rules.filter(({ approvable }) => approvable.length === 0).map(({ rule }) => [rule, 'nobody', '']),
    ]),
    ...rules.flatMap(({ rule, mode, foreseen }) => [
      ...(foreseen.length === 0 ? [] : ['', `rule ${rule}${mode === 'shadow' ? ' (in shadow)' : ''}`]),
      ...foreseen.flatMap(({ code, text, remedy }) => [`  ${code}: ${text}`, `    ${remedy}`]),
    ]),
    '',
    ...gaps
      .filter(({ ms }) => ms > 0)
      .map(({ rule, kind, ms }) => `${rule}: ${Math.round((ms / HOUR) * 10) / 10} h ${GAP_WORDS[kind]}`),
    `${unmappedIn(rules).length} people on call whom nobody would recognise in Teleport`,
  ];
}

const GAP_WORDS = {
  approval: 'in which nobody could be approved',
  young: 'in which nobody is on call for long enough yet',
  page: 'in which a page would bring no answer',
} as const;
const MOST_SPANS = 4;

function spans(stretches: readonly Stretch[]): string {
  const first = stretches
    .slice(0, MOST_SPANS)
    .map(({ from, until }) => `${minute(from)} to ${minute(until)}`);
  const more = stretches.length > MOST_SPANS ? [`${stretches.length - MOST_SPANS} more`] : [];
  return `${[...first, ...more].join(', ')} (${durationWords(lengthOf(stretches))})`;
}
