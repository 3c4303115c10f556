import type { Story } from '../../src/core/story.ts';
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

type Ended = Omit<Scene, 'expectations'>;

export async function onCallEngineerIsApproved(world: World): Promise<Scene> {
  await world.alert('Payments API', 'Checkout fails for 30 % of customers');
  const play = await begin(world, 'sre-1', 'checkout fails, need the payment logs');
  await play.effect('live-note');
  const ended = await play.end('1. the on-call engineer is approved');
  return judged(ended, {
    'Teleport: approved, by the service alone':
      ended.teleport.state === 'APPROVED' &&
      ended.teleport.reviews.map(({ author }) => author).join() === 'oncall-approver',
    'Teleport: the reason names the decision': ended.teleport.resolveReason.includes(decisionId(ended)),
    'PagerDuty: nobody is paged for it': ended.pages.length === 0,
    'PagerDuty: one note on the live incident, naming the decision':
      ended.notes.length === 1 && (ended.notes[0] ?? '').includes(decisionId(ended)),
    'Ledger: approve': verdict(ended) === 'approve',
    'Cost: at most 2 PagerDuty reads': ended.pagerDutyCalls <= 2,
  });
}

export async function colleagueIsApprovedByApprover(world: World): Promise<Scene> {
  const play = await begin(world, 'sre-2', 'helping sre-1 with the checkout');
  await play.effect('page');
  const waiting = await world.teleportRequest(play.id);
  await world.review('sre-1', play.id, 'she helps me with the checkout');
  await play.effect('close-page');
  const ended = await play.end('2. her off-call colleague is let in by the on-call approver');
  return judged(ended, {
    'Teleport: pending until she answered': waiting.state === 'PENDING',
    'Teleport: approved by her alone':
      ended.teleport.state === 'APPROVED' &&
      ended.teleport.reviews.map(({ author }) => author).join() === 'sre-1',
    'PagerDuty: one page, resolved, with one closing note':
      ended.pages.length === 1 && ended.pages[0]?.status === 'resolved' && ended.notes.length === 1,
    'Ledger: escalate, then approved by sre-1':
      verdict(ended) === 'escalate' &&
      ended.story.ended?.state === 'approved' &&
      ended.story.ended.by === 'sre-1',
    'Cost: at most 2 PagerDuty reads': ended.pagerDutyCalls <= 2,
  });
}

export async function outsiderStaysPending(world: World): Promise<Scene> {
  const play = await begin(world, 'outsider@example.com', 'just looking');
  await play.effect('page');
  await world.minutesPass(31);
  const ended = await play.end('3. an outsider is not let in, and nobody answers');
  await world.clockBack();
  return judged(ended, {
    'Teleport: still pending, no review':
      ended.teleport.state === 'PENDING' && ended.teleport.reviews.length === 0,
    'PagerDuty: one page, gone up the escalation policy past the one who did not answer':
      ended.pages.length === 1 &&
      ended.pages[0]?.status === 'triggered' &&
      assigneesOf(ended.pages[0]) === 'Robin Three',
    'Ledger: escalate, and says why':
      verdict(ended) === 'escalate' &&
      (ended.story.decided?.decision.reasons[0]?.text ?? '').includes('is not on call'),
  });
}

export async function outageApprovesNobody(world: World): Promise<Scene> {
  await world.outage(true);
  const play = await begin(world, 'sre-1', 'checkout fails again');
  await play.logged(
    'the decision',
    ({ msg, effect }) => msg === 'effect failed, it is tried again' && effect === 'page',
  );
  const during = { request: await world.teleportRequest(play.id), story: await world.story(play.id) };
  await world.outage(false);
  await play.effect('review');
  await play.effect('live-note');
  const ended = await play.end('4. PagerDuty is down: nobody is approved by mistake, nothing is lost');
  return judged(ended, {
    'During the outage: pending': during.request.state === 'PENDING',
    'During the outage: the ledger says escalate, with the cause':
      during.story.decided?.decision.verdict === 'escalate' &&
      during.story.decided.decision.reasons.some(
        ({ code, text }) => code === 'condition-unknown' && text.includes('503'),
      ),
    'After it: decided again by what PagerDuty says, approved': ended.teleport.state === 'APPROVED',
    'After it: one review, nobody paged': ended.teleport.reviews.length === 1 && ended.pages.length === 0,
    'Ledger: the second decision replaces the first':
      verdict(ended) === 'approve' && ended.story.decided?.number === 2,
  });
}

/** A requester's click, and ways to wait for what follows. */
async function begin(world: World, user: string, reason: string) {
  const readsBefore = await world.reads();
  const id = await world.request(user, reason);
  const logged = (what: string, matches: (line: Record<string, unknown>) => boolean) =>
    world.service.line(`${what} of ${id}`, (line) => line['request_id'] === id && matches(line));
  const decided = logged('the decision', ({ msg }) => msg === 'access request decided');
  return {
    id,
    logged,
    effect: (key: string) =>
      logged(`effect ${key}`, ({ msg, effect }) => msg === 'effect done' && effect === key),
    async end(name: string): Promise<Ended> {
      const line = await decided;
      const incidents = await world.incidents();
      const story = await world.story(id);
      const marker = story.decided?.decisionId ?? 'none';
      return {
        name,
        requestId: id,
        teleport: await world.teleportRequest(id),
        pages: incidents.filter((incident) => incident.incident_key === `oncall-approver/${id}`),
        notes: incidents
          .flatMap(({ notes }) => notes.map(({ content }) => content))
          .filter((note) => note.includes(marker)),
        story,
        decisionMs: Number(line['duration_ms']),
        pagerDutyCalls: (await world.reads()) - readsBefore,
      };
    },
  };
}

function judged(ended: Ended, expectations: Record<string, boolean>): Scene {
  return { ...ended, expectations: Object.entries(expectations).map(([what, holds]) => ({ what, holds })) };
}

function decisionId({ story }: Ended): string {
  return story.decided?.decisionId ?? 'no decision';
}

/** Who PagerDuty pages for the incident now. */
export function assigneesOf({ assignments }: Incident): string {
  return assignments.map(({ assignee }) => assignee.summary).join(', ');
}

function verdict({ story }: Ended): string {
  return story.decided?.decision.verdict ?? 'none';
}
