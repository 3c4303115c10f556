import { randomUUID } from 'node:crypto';

export type EventFields = Readonly<Record<string, unknown>>;

export interface Stored {
  readonly time: Date;
  readonly uid: string;
  readonly type: string;
  readonly fields: EventFields;
  readonly visibleFrom: number;
}

/** How an event comes to be stored otherwise than at once, once, and whole. */
export interface Emission {
  /** The event's own time, which an agent's clock or a lost connection may put in the past. */
  readonly time?: Date;
  /** So long after now it can be found. */
  readonly lateMs?: number;
  readonly times?: number;
  /** Without `uid`, as some old events are. */
  readonly withoutUid?: boolean;
}

/** What a cluster writes down, in the order of time and then of ids, as Postgres and Athena have it. */
export class AuditLog {
  readonly #clusterName: string;
  readonly #now: () => Date;
  readonly #events: Stored[] = [];
  /** Knob: the log is in Athena, and can be exported in chunks. */
  exports = false;
  /** Knob: a Teleport that takes `Order` by its names, as no version does that is known. */
  takesOrderByName = false;
  /** Knob: a Teleport before 13 has no such service. */
  served = true;

  constructor(options: { readonly clusterName: string; readonly now: () => Date }) {
    this.#clusterName = options.clusterName;
    this.#now = options.now;
  }

  /** Teleport: every event has its type, time, uid and cluster at the top. Whatever `fields` has wins. */
  emit(type: string, fields: EventFields = {}, emission: Emission = {}): string {
    const { time = this.#now(), lateMs = 0, times = 1, withoutUid = false } = emission;
    const uid = randomUUID();
    const event = {
      event: type,
      time: time.toISOString(),
      cluster_name: this.#clusterName,
      ei: 0,
      ...(withoutUid ? {} : { uid }),
      ...fields,
    };
    const visibleFrom = this.#now().getTime() + lateMs;
    for (let each = 0; each < times; each += 1)
      this.#events.push({ time, uid, type, fields: event, visibleFrom });
    return uid;
  }

  /** Both bounds belong to it. */
  search({ from, until, types }: { from: Date; until: Date; types: readonly string[] }): readonly Stored[] {
    const now = this.#now().getTime();
    return this.#events
      .filter(({ time, type, visibleFrom }) => {
        const wanted = types.length === 0 || types.includes(type);
        return wanted && time >= from && time <= until && visibleFrom <= now;
      })
      .sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  }
}

function orderOf({ time, uid }: Stored): string {
  return `${time.toISOString()} ${uid}`;
}
