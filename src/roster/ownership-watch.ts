import { setTimeout as delay } from 'node:timers/promises';
import { servicesNamedBy } from '../core/ownership.ts';
import { teamsNamedBy } from '../core/owners/by-team.ts';
import { fieldKey, type FieldFact, type OwnershipReading } from '../core/owners/reading.ts';
import { LONGEST_SELECTOR } from '../core/owners/selector.ts';
import type { Reference } from '../core/on-call.ts';
import { whyNotMeant } from '../core/roster/pin.ts';
import { isLost, policiesAfter, SELDOM } from '../core/roster/policies-seen.ts';
import type { WatchedTarget } from '../core/roster/watched.ts';
import type { OwnerField, Rule, Target } from '../core/rule.ts';
import { DAY, MINUTE, msBetween, plusMs, type Instant } from '../core/values/instant.ts';
import { sanitise } from '../core/values/words.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ownership } from '../ports/ownership.ts';
import {
  PagerDutyError,
  type Ask,
  type OnCallDirectory,
  type OwnershipDirectory,
  type Service,
} from '../ports/pagerduty.ts';
import type { Pins } from '../ports/pins.ts';
import type { Sightings } from '../ports/sightings.ts';
import {
  about,
  fieldFact,
  fieldsOf,
  idsOf,
  isOld,
  lostServices,
  namesOf,
  NOT_YET,
  nullIfGone,
  present,
  teamFact,
  whyOf,
  type Held,
  type Look,
  type Team,
  type Wanted,
  type Why,
} from './ownership-facts.ts';

export interface OwnershipWatchOptions {
  readonly directory: OwnershipDirectory & Pick<OnCallDirectory, 'services'>;
  readonly clock: Clock;
  readonly sightings: Sightings;
  readonly pins: Pins;
  readonly rules: () => readonly Rule[];
  /** What labels name: teams, and services that own something. */
  readonly labelled: () => { readonly teams: readonly string[]; readonly services: readonly Target[] };
}

/** More teams, or services of which fields are read, are not looked at: their answers are not known. */
const MOST_TEAMS = 200;
const MOST_SERVICES = 500;
/** Of an account with more services none is looked up. */
const MOST_PAGES = 100;
/** So many fields are read a minute: a twentieth of what PagerDuty lets a key ask. */
const AT_ONCE = 50;
/** What was looked at before the start no longer ago is not read again at once. */
const FRESH_MS = 10 * MINUTE;

/**
 * Looks at teams and fields again and again, for what rules and labels name. What ordinary users of PagerDuty may edit counts by how long
 * it was seen, so nothing is read for a decision.
 */
export class OwnershipWatch implements Ownership {
  readonly #options: OwnershipWatchOptions;
  readonly #teams = new Map<string, Look<Team>>();
  /** By service and field. */
  readonly #fields = new Map<string, Look<Held>>();
  /** Whose fields are read, by the key of the source; a cause where that is not known. */
  readonly #services = new Map<string, ReadonlyMap<string, Reference> | Why>();

  #desks: readonly Wanted[] = [];
  #policies: ReadonlyMap<string, Reference> = new Map();

  constructor(options: OwnershipWatchOptions) {
    this.#options = options;
  }

  reading(rules: readonly Rule[]): OwnershipReading | undefined {
    const sources = fieldsOf(rules);
    const isByTeams = rules.some(
      (rule) => rule.onCall.owner?.teamLabel !== undefined || teamsNamedBy(rule).length > 0,
    );
    if (
      sources.length === 0 &&
      !isByTeams &&
      !rules.some(({ escalate }) => escalate?.ownerField !== undefined)
    )
      return undefined;
    const now = this.#options.clock.now();
    return {
      teams: [...this.#teams].map(([asked, look]) => teamFact(asked, look, now)),
      fields: [
        ...sources.flatMap((source) => this.#fieldFacts(source, now)),
        ...this.#desks.map(({ id, name }) => this.#fieldFact({ id, summary: id }, name, now)),
      ],
      asked: sources.map(fieldKey),
    };
  }

  /** A policy of a team by its id: no read is needed to know that there is one. */
  policy(id: string): Reference | null {
    return this.#policies.get(id) ?? null;
  }

  /** What the roster shall watch before anybody asks: policies of teams, and services that say that something is theirs. */
  targets(): readonly Target[] {
    const policies = [...this.#teams.values()].flatMap(({ last }) => present(last?.policies));
    const services = this.#owning();
    return [
      ...policies.map((asked): Target => ({ kind: 'escalation policy', asked })),
      ...services.map((asked): Target => ({ kind: 'service', asked })),
    ];
  }

  /** The services of which a field says that something is theirs. */
  #owning(): readonly string[] {
    const sources = fieldsOf(this.#options.rules()).flatMap((source) => this.#wanted(source));
    return [
      ...new Set(
        sources.flatMap(({ id, name }) =>
          present(this.#fields.get(`${id} ${name}`)?.last ?? undefined).length === 0 ? [] : [id],
        ),
      ),
    ];
  }

  /** Looks at everything once. What fails leaves what was seen before, for an hour. */
  async look(signal: AbortSignal): Promise<void> {
    const ask: Ask = { signal, priority: 'background' };
    const rules = this.#options.rules();
    const named = [...rules.flatMap(teamsNamedBy), ...this.#options.labelled().teams];
    const teams = [...new Set(named)].slice(0, MOST_TEAMS);
    for (const asked of this.#teams.keys()) if (!teams.includes(asked)) this.#teams.delete(asked);
    for (const asked of teams)
      this.#teams.set(
        asked,
        await this.#tried(this.#teams.get(asked), (before) => this.#team(asked, before, ask), signal),
      );
    this.#policies = new Map(
      [...this.#teams.values()].flatMap(({ last }) => [...(last?.names.policies ?? [])]),
    );
    const sources = fieldsOf(rules);
    for (const source of sources) this.#services.set(fieldKey(source), await this.#servicesOf(source, ask));
    this.#desks = await this.#namedDesks(rules, ask);
    const wanted = [...sources.flatMap((source) => this.#wanted(source)), ...this.#desks];
    const byService = Map.groupBy(wanted, ({ id }) => id);
    const keys = new Set(wanted.map(({ id, name }) => `${id} ${name}`));
    for (const key of this.#fields.keys()) if (!keys.has(key)) this.#fields.delete(key);
    // By what another process has seen lately this one need not read.
    const unread = new Set([...keys].filter((key) => !this.#fields.has(key)));
    await Promise.all([...unread].map((key) => this.#recall(key, signal)));
    const all = [...byService].map(([id, fields]) => [id, new Set(fields.map(({ name }) => name))] as const);
    const isDue = ([id, names]: (typeof all)[number]): boolean =>
      [...names].some((name) => !unread.has(`${id} ${name}`) || !this.#isFresh(`${id} ${name}`));
    const due = all.filter(isDue);
    for (let from = 0; from < due.length; from += AT_ONCE) {
      if (from > 0) await delay(MINUTE, undefined, { signal });
      const some = due.slice(from, from + AT_ONCE);
      await Promise.all(some.map(([id, names]) => this.#readFields(id, names, ask)));
    }
  }

  #isFresh(key: string): boolean {
    const { last } = this.#fields.get(key) ?? { last: null };
    return last !== null && msBetween(last.at, this.#options.clock.now()) < FRESH_MS;
  }

  /** What was seen of a field before a restart, or by the service, where that is not long ago. */
  async #recall(key: string, signal: AbortSignal): Promise<void> {
    const now = this.#options.clock.now();
    const { last } = await this.#tried<Held>(
      undefined,
      async () => {
        const kept = await this.#options.sightings.of({ kind: 'field', id: key }, now);
        return { at: kept?.last ?? plusMs(now, -DAY), values: kept?.policies ?? [] };
      },
      signal,
    );
    if (last !== null && !isOld(last, now)) this.#fields.set(key, { last, problem: null });
  }

  #wanted(source: OwnerField): readonly Wanted[] {
    const services = this.#services.get(fieldKey(source)) ?? NOT_YET;
    if ('message' in services) return [];
    return [...services.values()].map(({ id }) => ({ id, name: source.name }));
  }

  /** Of the services that own something, where rules page by a field of theirs. */
  async #namedDesks(rules: readonly Rule[], ask: Ask): Promise<readonly Wanted[]> {
    const names = new Set(rules.flatMap(({ escalate }) => escalate?.ownerField ?? []));
    const owners = rules.flatMap(({ onCall }) => onCall.owner ?? []);
    const services = [
      ...owners.flatMap(servicesNamedBy),
      ...this.#options.labelled().services.map(({ asked }) => asked),
      ...this.#owning(),
    ];
    if (names.size === 0 || services.length === 0) return [];
    try {
      const found = await this.#options.directory.services([...new Set(services)], MOST_PAGES, ask);
      const ids = new Set([...(found?.values() ?? [])].map(({ id }) => id));
      return [...ids].slice(0, MOST_SERVICES).flatMap((id) => [...names].map((name) => ({ id, name })));
    } catch (error) {
      whyOf(error);
      return this.#desks;
    }
  }

  async #team(asked: string, before: Team | null, ask: Ask): Promise<Team> {
    const { directory, pins, clock } = this.#options;
    const { id, summary: name } = await directory.team(asked, ask);
    const first = await pins.first({ kind: 'team', asked }, id, clock.now());
    const taken = whyNotMeant({ kind: 'team', asked }, { id, first });
    if (taken !== null) throw new PagerDutyError('ambiguous', taken.message);
    const [policies, services] = [await directory.policiesOf(id, ask), await directory.servicesOf(id, ask)];
    const same = before?.id === id ? before : null;
    const at = clock.now();
    return {
      ...{ id, name, names: { policies: namesOf(policies), services: namesOf(services) } },
      policies: await this.#seen({ kind: 'team', id }, same?.policies, idsOf(policies), at),
      services: await this.#seen({ kind: 'team', id: `${id} services` }, same?.services, idsOf(services), at),
    };
  }

  /** The named services, and those of the teams, also of late. */
  async #servicesOf(
    { services, teams }: OwnerField,
    ask: Ask,
  ): Promise<ReadonlyMap<string, Reference> | Why> {
    try {
      const { directory } = this.#options;
      const named: ReadonlyMap<string, Service> =
        (services.length === 0 ? null : await directory.services(services, MOST_PAGES, ask)) ?? new Map();
      const missing = services.find((asked) => !named.has(asked));
      if (missing !== undefined)
        return {
          message: `PagerDuty has no service \`${sanitise(missing, 100)}\`, or several, of which a field is to be read`,
          transient: false,
        };
      const found = new Map([...named.values()].map(({ id, summary }) => [id, { id, summary }]));
      for (const asked of teams) {
        const { last, problem } = this.#teams.get(asked) ?? { last: null, problem: NOT_YET };
        if (last === null) return problem ?? NOT_YET;
        if (last.services.values.some(isLost)) return lostServices(asked);
        for (const { id } of last.services.values)
          if (!found.has(id)) found.set(id, last.names.services.get(id) ?? { id, summary: id });
      }
      if (found.size <= MOST_SERVICES) return found;
      return {
        message: `fields are read of ${MOST_SERVICES} services at most, and ${found.size} are named`,
        transient: false,
      };
    } catch (error) {
      return whyOf(error);
    }
  }

  async #readFields(id: string, names: ReadonlySet<string>, ask: Ask): Promise<void> {
    const { directory, clock } = this.#options;
    const read = directory.fieldsOf(id, ask);
    // Every field has the same answer.
    for (const name of names) {
      const key = `${id} ${name}`;
      const look = await this.#tried<Held>(
        this.#fields.get(key),
        async (before) => {
          const text =
            (await nullIfGone(read))
              ?.get(name)
              ?.slice(0, LONGEST_SELECTOR + 1)
              .trim() ?? '';
          const values = text === '' ? [] : [text];
          return await this.#seen({ kind: 'field', id: key }, before ?? undefined, values, clock.now());
        },
        ask.signal,
      );
      this.#fields.set(key, look);
    }
  }

  /** What is known after a look; it is kept beside the ledger, for the time after a restart. */
  async #seen(
    target: WatchedTarget,
    before: Held | undefined,
    ids: readonly string[],
    at: Instant,
  ): Promise<Held> {
    const { sightings } = this.#options;
    const kept = before === undefined ? await sightings.of(target, at) : null;
    const known = before === undefined ? kept : { last: before.at, policies: before.values };
    const values = policiesAfter(known, ids, at, SELDOM);
    const first = kept?.first ?? at;
    await sightings.keep(
      { ...{ target, first, last: at, horizon: plusMs(at, DAY), rows: [] }, policies: values },
      at,
    );
    return { at, values };
  }

  async #tried<T>(
    before: Look<T> | undefined,
    read: (before: T | null) => Promise<T>,
    signal: AbortSignal,
  ): Promise<Look<T>> {
    const last = before?.last ?? null;
    try {
      return { last: await read(last), problem: null };
    } catch (error) {
      signal.throwIfAborted();
      return { last, problem: whyOf(error) };
    }
  }

  #fieldFacts(source: OwnerField, now: Instant): readonly FieldFact[] {
    const services = this.#services.get(fieldKey(source)) ?? NOT_YET;
    const field = source.name;
    if ('message' in services)
      return [
        {
          service: { id: '', summary: '' },
          field,
          state: 'unknown',
          cause: about(`field \`${sanitise(field, 100)}\``, services),
        },
      ];
    return [...services.values()].map((service) => this.#fieldFact(service, field, now));
  }

  #fieldFact(service: Reference, field: string, now: Instant): FieldFact {
    return fieldFact(
      service,
      field,
      this.#fields.get(`${service.id} ${field}`) ?? { last: null, problem: null },
      now,
    );
  }
}
