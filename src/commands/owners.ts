import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '../config/config-error.ts';
import { MINUTE } from '../core/values/instant.ts';
import { listed, sanitise } from '../core/values/words.ts';
import { hasGaps, surveyOwners, type OwnersSummary, type SurveyedResource } from '../doctor/survey-owners.ts';
import { ownershipFor, rootClusterOf } from '../service/connections.ts';
import type { ResourceList } from '../ports/teleport.ts';
import { livePagerDuty, liveTeleport } from './live.ts';
import { systemClock } from '../service/system-clock.ts';
import { rememberedSights } from './remembered-sights.ts';
import { progressLine, type Terminal } from './terminal.ts';

const DEADLINE_MS = 10 * MINUTE;
const MOST_NAMED = 20;
/** So many resources are told between two collections of garbage. */
const COLLECTED_EVERY = 1_000;

export interface OwnersOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly strict?: boolean;
}

/**
 * `owners`: whose everything is that the service may see, by the rules that go by owners, and who is on call for it now; changes nothing.
 * Gives exit code 0, with `--strict` 1 where something has no owner, or one that there is not. Throws ConfigError, TeleportError or
 * PagerDutyError.
 */
export async function owners(options: OwnersOptions, terminal: Terminal): Promise<number> {
  const config = loadConfig(options.config, terminal.environment);
  const { rules } = config.policy;
  if (!rules.some(({ onCall }) => onCall.owner !== undefined))
    throw new ConfigError('no rule goes by owners: give one `on_call.owner`');
  const clock = systemClock;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  using teleport = await liveTeleport(config);
  using pagerduty = livePagerDuty(config);
  const { directory } = pagerduty;
  const rootCluster = rootClusterOf(await teleport.admin.ping(signal));
  const sights = await rememberedSights(config.ledger);
  const collect = collector();
  const resources = collectedAfterEach(teleport.nodes, collect);
  const ownership = await ownershipFor(config, pagerduty, sights, { clock, signal, resources });
  using progress = progressLine(null, 'resources');
  let done = 0;
  const print = options.json === true ? jsonPrinter(terminal) : tablePrinter(terminal, rules.length > 1);
  const onResource = (resource: SurveyedResource): void => {
    print.onResource(resource);
    progress.at((done += 1));
    if (done % COLLECTED_EVERY === 0) collect();
  };
  const survey = { rules, rootCluster, resources, ownership, directory, onResource };
  const summary = await surveyOwners(survey, { signal });
  print.end(summary);
  return options.strict === true && hasGaps(summary) ? 1 : 0;
}

/**
 * A collection of what is not alive any more, so that memory does not grow with the number of resources: V8 waits until there is far more of
 * it than of all that is alive. Node has no other way to one in its own process.
 */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** The same list, with a collection after each page. */
function collectedAfterEach(list: ResourceList, collect: () => void): ResourceList {
  return {
    async *pages(...asked) {
      for await (const page of list.pages(...asked)) {
        yield page;
        collect();
      }
    },
  };
}

interface Printer {
  readonly onResource: (resource: SurveyedResource) => void;
  readonly end: (summary: OwnersSummary) => void;
}

/** One document, a line for each resource: however many there are, none is kept. */
function jsonPrinter(terminal: Terminal): Printer {
  let before: string | null = null;
  terminal.print('{"resources":[');
  return {
    onResource(resource) {
      if (before !== null) terminal.print(`${before},`);
      before = JSON.stringify(resource);
    },
    end(summary) {
      if (before !== null) terminal.print(before);
      terminal.print(`],"summary":${JSON.stringify(summary)}}`);
    },
  };
}

function tablePrinter(terminal: Terminal, withRule: boolean): Printer {
  const line = (...[what = '', owner = '', rest = '']: readonly string[]) =>
    terminal.print(`${what.padEnd(40)}  ${owner.padEnd(28)}  ${rest}`.trimEnd());
  line('resource', 'owner', 'on call now');
  return {
    onResource({ kind, name, hostName, rule, owners: found, why }) {
      const what = `${kind} ${sanitise(hostName ?? name, 200)}${withRule ? ` (${rule})` : ''}`;
      if (why !== null) line(what, 'none', sanitise(why, 300));
      for (const { asked, team, service, onCall } of found) {
        const who = onCall.map((each) => sanitise(each, 60)).join(', ');
        const rest = service === null ? 'no such service that pages' : who === '' ? 'nobody' : who;
        line(what, `${team === true ? 'team ' : ''}${sanitise(service ?? asked, 100)}`, rest);
      }
    },
    end({ resources, unowned, missing, misread, idle }) {
      terminal.print('');
      terminal.print(`${resources} resources, ${unowned} without an owner`);
      const names = Object.entries(missing).map(([asked, times]) => `${sanitise(asked, 100)} (${times})`);
      if (names.length > 0) terminal.print(`named as owner and no service that pages: ${few(names)}`);
      const said = Object.entries(misread).map(
        ([name, text]) => `${sanitise(name, 100)} (${sanitise(text, 60)})`,
      );
      if (said.length > 0)
        terminal.print(`fields that cannot be understood, or would be for everything: ${few(said)}`);
      if (idle.length > 0)
        terminal.print(`services that own nothing: ${few(idle.map((each) => sanitise(each, 100)))}`);
    },
  };
}

function few(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return more <= 0 ? listed(names) : `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more`;
}
