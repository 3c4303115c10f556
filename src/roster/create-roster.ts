import { setTimeout as delay } from 'node:timers/promises';
import { epochMsOf, msBetween, plusMs, MINUTE, SECOND, type Instant } from '../core/values/instant.ts';
import type { Sheet } from '../core/roster/sheet.ts';
import type { Target } from '../core/rule.ts';
import type { Clock } from '../ports/clock.ts';
import {
  PagerDutyError,
  type Ask,
  type OnCallAnswer,
  type OnCallDirectory,
  type Span,
} from '../ports/pagerduty.ts';
import type { Pins } from '../ports/pins.ts';
import type { Sightings } from '../ports/sightings.ts';
import type { Roster, RosterHealth } from '../ports/roster.ts';
import { keyOf, Names, type Resolved, type Source } from './names.ts';
import { oneToldBy, People, withAddress } from './people.ts';
import { pinnedDirectory, type PinnedDirectoryOptions } from './pinned-directory.ts';
import { Portions, type Question } from './portions.ts';
import { Renewal, type RenewalOptions } from './renewal.ts';
import { Watching } from './watching.ts';
import { put, sheetOf, type Part, type SheetReads } from './sheets.ts';

/** Shifts that ended no longer ago are read with those of now: answers to pages are judged by the time at which they were given. */
const LOOK_BACK_MS = 20 * MINUTE;

/** Whoever asks in the first moment waits no longer for what is read for all. */
const LONGEST_START_MS = 2 * SECOND;

export interface RosterOptions {
  readonly directory: OnCallDirectory;
  readonly clock: Clock;
  readonly sightings: Sightings;
  readonly pins: Pins;
  /** Told of names that lead elsewhere than they first did. */
  readonly onTaken?: PinnedDirectoryOptions['onTaken'];
  /** How long before the question its answer may have been asked for, in milliseconds. */
  readonly freshnessMs: number;
  /** How far back the rules in force look, in milliseconds. */
  readonly lookBackMs: () => number;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  /** How it renews itself; without, it reads when it is asked. */
  readonly ahead?: Pick<RenewalOptions, 'targets' | 'share' | 'limits'>;
}

export interface RunningRoster extends Roster {
  /** Reads ahead of need until the signal aborts. */
  run(): Promise<void>;
  /** Resolves once everything that the rules name was looked at, or could not be in the first moment. */
  ready(): Promise<void>;
}

/** Nothing is asked yet. */
export function createRoster({
  directory: unpinned,
  clock,
  freshnessMs,
  signal,
  ...options
}: RosterOptions): RunningRoster {
  const directory = pinnedDirectory(unpinned, { ...options, clock });
  const lookBackMs = (): number => options.lookBackMs() + LOOK_BACK_MS;
  const watching = new Watching(options.sightings, clock, lookBackMs);
  const names = new Names(directory, signal);
  const people = new People(directory, signal);
  const portions = new Portions({
    directory,
    clock,
    lookBackMs,
    stop: signal,
    onRead: (portion, reading) => watching.look(factsIn(portion), reading, reading.span),
  });

  const reads = { need: 0, forecast: 0 };
  const counted = (ask: Ask): Ask => ({
    ...ask,
    onRead() {
      reads[ask.priority === 'background' ? 'forecast' : 'need'] += 1;
      ask.onRead?.();
    },
  });

  const renewal =
    options.ahead === undefined
      ? null
      : new Renewal({ ...options.ahead, names, people, portions, freshnessMs, signal });

  /** The targets whose rows are in the portion, each once. */
  function factsIn({ kind, ids }: Pick<Question, 'kind' | 'ids'>): readonly Resolved['fact'][] {
    const known = names.known().filter(({ source }) => source.kind === kind && ids.includes(source.id));
    return [...new Map(known.map(({ fact }) => [`${fact.kind} ${fact.id}`, fact])).values()];
  }

  /** What everybody would ask for at the start is asked for once. */
  async function settled({ signal: own }: Ask): Promise<void> {
    const filled = renewal?.filled ?? null;
    if (filled === null) return;
    const over = new AbortController();
    const moment = delay(LONGEST_START_MS, undefined, { signal: AbortSignal.any([own, over.signal]) });
    // Nothing else may keep the process alive in that time: a wait that does not count would be the end of it.
    await Promise.race([filled, moment.catch(() => undefined)]);
    over.abort();
  }

  function sheetBy(read: SheetReads['read'], targets: readonly Target[], ask: Ask): Promise<Sheet> {
    const resolve = (target: Target) => names.resolve(target, ask);
    const resolveAnew = (target: Target) => names.resolve(target, ask, freshnessMs);
    return sheetOf(targets, { resolve, resolveAnew, read }, watching);
  }

  function during(targets: readonly Target[], span: Span, ask: Ask) {
    const asked = counted(ask);
    const read = portions.togetherIn(span, asked);
    const known = async (source: Source): Promise<OnCallAnswer> => {
      const answer = await read(source);
      await watching.know(factsIn({ kind: source.kind, ids: [source.id] }));
      return answer;
    };
    return sheetBy(known, targets, asked);
  }

  return {
    async onCall(targets, given, at) {
      if (at !== undefined && !isAtHand(at)) {
        const span = { from: plusMs(at, -options.lookBackMs()), until: plusMs(at, SECOND) };
        return await during(targets, span, given);
      }
      const ask = counted(given);
      await settled(ask);
      // By an answer from after that time, which PagerDuty tells in whole seconds.
      const maxAgeMs =
        at === undefined ? freshnessMs : Math.min(freshnessMs, msBetween(at, clock.now()) - SECOND);
      return await sheetBy((source) => portions.read(source, maxAgeMs, ask), targets, ask);
    },
    during,
    atHand(targets) {
      const parts = targets.map((target): Part => {
        const resolved = names.last(target)?.resolved;
        const answer = resolved && portions.last(resolved.source)?.value;
        return resolved === undefined || answer === undefined
          ? { target, error: notYet(target) }
          : { resolved, answer };
      });
      return put(parts, watching);
    },
    service: (asked, ask) => names.service(asked, counted(ask)),
    async usersByEmail(email, sheet, given) {
      const ask = counted(given);
      const known = people.known(email);
      const [older, { people: onSheet, rows }] = await Promise.all([
        known ?? people.lookUp(email, freshnessMs, ask),
        sheet,
      ]);
      const found = withAddress(email, older, onSheet);
      if (known === null) return found;
      // What is known from minutes ago leads to somebody on call, and to nobody else; all other questions are asked anew.
      const told =
        oneToldBy([onSheet], email, known) ??
        oneToldBy([...portions.people(freshnessMs), onSheet], email, known);
      if (told !== null) return told;
      const mayPass = found.some(({ id }) => rows.some(({ user }) => user.id === id));
      const anew: Ask = mayPass ? ask : { ...ask, priority: 'person' };
      return withAddress(email, await people.lookUp(email, freshnessMs, anew), onSheet);
    },
    health,
    run: () => renewal?.run() ?? Promise.resolve(),
    ready: () => settled({ signal }),
  };

  /** Whether rows of that time are among those of now. */
  function isAtHand(at: Instant): boolean {
    const now = epochMsOf(clock.now());
    return epochMsOf(at) <= now && epochMsOf(at) > now - LOOK_BACK_MS;
  }

  function health(): RosterHealth {
    const taken = portions.all().flatMap(({ reading }) => reading.last ?? []);
    const oldest = taken.sort((one, other) => one.askedMs - other.askedMs)[0];
    const ageMs = oldest === undefined ? null : performance.now() - oldest.askedMs;
    const { everyMs, keepsFresh } = renewal?.pace() ?? { everyMs: Infinity, keepsFresh: false };
    const unread = everyMs === Infinity ? null : unreadOf(options.ahead?.targets() ?? []);
    const isLate = ageMs !== null && ageMs > 2 * everyMs;
    return {
      state: isLate ? 'late' : ageMs === null && unread !== null ? 'starting' : 'fresh',
      unread,
      at: oldest?.value.at ?? null,
      ageMs,
      cause: renewal?.cause ?? null,
      reads: { ahead: renewal?.reads ?? 0, ...reads },
      everyMs,
      keepsFresh,
    };
  }

  function unreadOf(targets: readonly Target[]): RosterHealth['unread'] {
    const unique = [...new Map(targets.map((target) => [keyOf(target), target])).values()];
    const unread = unique.filter((target) => {
      const source = names.last(target)?.resolved.source;
      return source === undefined || portions.last(source) === null;
    });
    const [first] = unread;
    if (first === undefined) return null;
    return {
      count: unread.length,
      cause: `${first.kind} ${first.asked}: ${names.problem(first) ?? renewal?.cause ?? 'not read yet'}`,
    };
  }
}

function notYet({ kind, asked }: Target): PagerDutyError {
  const problem = `who is on call for ${kind} ${asked} was not read yet: it is at hand in a moment`;
  return new PagerDutyError('unavailable', problem, { transient: true });
}
