import type { Story } from '../../src/core/record/story.ts';
import type { Incident, TeleportRequest, World } from './world.ts';

/** One scene as it ended: the same three places that an auditor would look at, and what was expected of them. */
export interface Scene {
  readonly name: string;
  readonly requestId: string;
  readonly teleport: TeleportRequest;
  /** Incidents that the service opened for this request. */
  readonly pages: readonly Incident[];
  /** Notes that the service wrote for this request, on whichever incident. */
  readonly notes: readonly string[];
  readonly story: Story;
  /** From the sight of the request to the recorded decision, in milliseconds. */
  readonly decisionMs: number;
  /** Reads that PagerDuty received until the decision. */
  readonly pagerDutyCalls: number;
  readonly expectations: readonly { readonly what: string; readonly holds: boolean }[];
}

export type Ended = Omit<Scene, 'expectations'>;

/** A requester's click, and ways to wait for what follows. */
export interface Play {
  readonly id: string;
  logged(
    what: string,
    matches: (line: Record<string, unknown>) => boolean,
    deadlineMs?: number,
  ): Promise<Record<string, unknown>>;
  effect(key: string, deadlineMs?: number): Promise<unknown>;
  /** Reads that PagerDuty received since the click. */
  reads(): Promise<number>;
  page(): Promise<Incident>;
  pages(): Promise<readonly Incident[]>;
  /** What everybody holds of it now; `then` is what was seen before and counts instead. */
  end(name: string, then?: Partial<Ended>): Promise<Ended>;
}

export async function begin(
  world: World,
  user: string,
  reason: string,
  options: Parameters<World['request']>[2] = {},
): Promise<Play> {
  const readsBefore = await world.reads();
  const id = await world.request(user, reason, options);
  const reads = async () => (await world.reads()) - readsBefore;
  const logged: Play['logged'] = (what, matches, deadlineMs) =>
    world.service.line(`${what} of ${id}`, (line) => line['request_id'] === id && matches(line), deadlineMs);
  const decided = logged('the decision', ({ msg }) => msg === 'access request decided');
  const pages = async () =>
    (await world.incidents()).filter((incident) =>
      incident.incident_key.startsWith(`oncall-approver/${id}/`),
    );
  return {
    id,
    logged,
    reads,
    effect: (key, deadlineMs) =>
      logged(`effect ${key}`, ({ msg, effect }) => msg === 'effect done' && effect === key, deadlineMs),
    pages,
    async page() {
      const [page] = await pages();
      if (page === undefined) throw new Error(`no page was opened for ${id}`);
      return page;
    },
    async end(name, then = {}) {
      const line = await decided;
      const incidents = await world.incidents();
      const story = await world.story(id);
      const marker = story.decided?.decisionId ?? 'none';
      return {
        name,
        requestId: id,
        teleport: then.teleport ?? (await world.teleportRequest(id)),
        pages: await pages(),
        notes: incidents
          .flatMap(({ notes }) => notes.map(({ content }) => content))
          .filter((note) => note.includes(marker)),
        story,
        decisionMs: Number(line['duration_ms']),
        pagerDutyCalls: await reads(),
        ...then,
      };
    },
  };
}

export function judged(ended: Ended, expectations: Record<string, boolean>): Scene {
  return { ...ended, expectations: Object.entries(expectations).map(([what, holds]) => ({ what, holds })) };
}

export function decisionId({ story }: Ended): string {
  return story.decided?.decisionId ?? 'no decision';
}

export function verdict({ story }: Ended): string {
  return story.decided?.decision.verdict ?? 'none';
}

/** Who PagerDuty pages for the incident now. */
export function assigneesOf({ assignments }: Incident): string {
  return assignments.map(({ assignee }) => assignee.summary).join(', ');
}
