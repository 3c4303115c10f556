import { status } from '@grpc/grpc-js';
import { setTimeout as pause } from 'node:timers/promises';
import { answerCode } from '../../src/core/answer.ts';
import { INCIDENT_KEY_PREFIX } from '../../src/core/page-effects.ts';
import { acknowledge, resolve } from '../sim/pagerduty/incident-life.ts';
import type { Incident } from '../sim/pagerduty/incident-model.ts';
import { addNote, deleteNote, editNote } from '../sim/pagerduty/incident-notes.ts';
import { Refusal } from '../sim/pagerduty/refusal.ts';
import { StatusError } from '../sim/teleport/errors.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import { Stage } from '../service/stage.ts';
import { WEBHOOK_SECRET, WEBHOOKS, writeSecrets } from '../service/webhook-stage.ts';
import { Host } from './host.ts';
import {
  ROBIN,
  SAM,
  TAYLOR,
  type PageDeed,
  type TeleportDeed,
  type FAULTS,
  type Person,
  type Plan,
  type Setting,
  type Step,
} from './plan.ts';

/** An answer that would have to count, as whoever wrote the plan knows. */
export interface TrueAnswer {
  readonly requestId: string;
  readonly incidentId: string;
  readonly who: Person;
  readonly approves: boolean;
  /** Whether the service must come to know it, whenever it looks: not edited, not taken back, on the last page. */
  readonly lasting: boolean;
}

/** A run: what was done, and by whom, beside what the systems hold of it. */
export interface Play {
  readonly stage: Stage;
  readonly host: Host;
  readonly setting: Setting;
  readonly requests: { readonly id: string; readonly who: Person }[];
  readonly answers: TrueAnswer[];
  /** What people did in Teleport themselves: request, author and whether they approved. */
  readonly reviews: { readonly requestId: string; readonly author: string; readonly approves: boolean }[];
  /** Pages that people resolved. */
  readonly resolved: string[];
}

/** Plays the plan, each step as soon as its time has come, whatever the service is at. */
export async function play({ setting, steps }: Plan, stage: Stage, host: Host): Promise<Play> {
  const run: Play = { stage, host, setting, requests: [], answers: [], reviews: [], resolved: [] };
  for (const { step, pauseMs } of steps) {
    try {
      await take(step, run);
    } catch (error) {
      // Both systems refuse people too: to resolve what is resolved, to review what is gone.
      if (!(error instanceof Refusal) && !(error instanceof StatusError)) throw error;
    }
    await pause(pauseMs);
  }
  return run;
}

export async function openStage(setting: Setting): Promise<Stage> {
  const { edition, submitForUsers, approvals } = setting;
  const world = referenceWorld({ edition, submitForUsers });
  const threshold = { name: 'all', filter: '', approve: approvals, deny: 1 };
  const stage = await Stage.open({
    edition,
    start: false,
    roles: world.roles.map((role) =>
      role.name === 'sres' && approvals > 1
        ? { ...role, allow: { ...role.allow, request: { ...role.allow.request, thresholds: [threshold] } } }
        : role,
    ),
    users: world.users.map((user) =>
      user.name === ROBIN.teleportUser ? { ...user, roles: ['sres', 'access-reviewer'] } : user,
    ),
    rule: {
      escalate: { service: 'Access requests', decide_within: '300ms', if_resolved: setting.ifResolved },
      approvers: {
        answer_by: setting.acknowledging ? ['note', 'acknowledge'] : ['note'],
        on_call: { escalation_policies: ['Payments'], max_level: setting.twoApprovers ? 2 : 1 },
      },
    },
    config: {
      http: WEBHOOKS,
      identities: [
        { map: Object.fromEntries([SAM, TAYLOR, ROBIN].map(({ teleportUser, id }) => [teleportUser, id])) },
        { trait: 'email' },
      ],
    },
  });
  await writeSecrets(stage, [WEBHOOK_SECRET, 'another secret, for the next rotation']);
  return stage;
}

/** The pages of a request, oldest first. */
export function pagesOf(stage: Stage, requestId: string): readonly Incident[] {
  const key = INCIDENT_KEY_PREFIX + requestId;
  return stage
    .incidents()
    .filter(({ incidentKey }) => incidentKey === key || incidentKey.startsWith(`${key}/`));
}

async function take(step: Step, run: Play): Promise<void> {
  const { stage, host, requests } = run;
  if ('request' in step) {
    const request = requests[step.request];
    if (request !== undefined) befall(step, request, run);
    return;
  }
  switch (step.does) {
    case 'request':
      if (requests.length < 2) requests.push({ id: stage.request(step.who.teleportUser), who: step.who });
      return;
    case 'fault':
      addFault(step.fault, stage);
      return;
    case 'sweep':
      if (host.isHere) await stage.service.sweepNow();
      return;
    case 'restart':
      await host.restart();
      return;
    case 'crash':
      await host.crash();
  }
}

function befall(
  deed: Extract<Step, { request: number }>,
  request: { readonly id: string; readonly who: Person },
  run: Play,
): void {
  const { stage, host } = run;
  const page = pagesOf(stage, request.id).at(-1);
  switch (deed.does) {
    case 'look':
      // The look goes on while the next step is taken.
      if (host.isHere) void stage.followUp(request.id).catch(() => undefined);
      return;
    case 'review':
    case 'delete':
    case 'promote':
    case 'expire':
      happenInTeleport(deed, request.id, run);
      return;
    case 'note':
    case 'edit a note':
    case 'delete a note':
    case 'acknowledge':
    case 'resolve the page':
      if (page !== undefined) happenOnPage(deed, page, request, run);
  }
}

function happenInTeleport(deed: TeleportDeed, requestId: string, { stage, setting, reviews }: Play): void {
  const { cluster } = stage.teleport;
  const isPending = cluster.request(requestId).state === 'PENDING';
  switch (deed.does) {
    case 'review': {
      const { who, approves } = deed;
      // There anybody may set a state at any time; here they know better.
      if (setting.edition === 'community' && !isPending) return;
      if (approves) stage.approveAs(who.teleportUser, requestId, `by hand of ${who.name}`);
      else stage.denyAs(who.teleportUser, requestId, `by hand of ${who.name}`);
      reviews.push({ requestId, author: who.teleportUser, approves });
      return;
    }
    case 'delete':
      cluster.deleteRequest(requestId);
      return;
    case 'promote':
      if (isPending) cluster.promoteRequest(requestId);
      return;
    case 'expire':
      if (!isPending) return;
      cluster.lapseRequest(requestId);
      cluster.sweepExpired({ graceMs: 0 });
  }
}

function happenOnPage(
  deed: PageDeed,
  page: Incident,
  { id: requestId, who: requester }: { readonly id: string; readonly who: Person },
  { stage, setting, answers, resolved }: Play,
): void {
  const { account } = stage.pagerDuty;
  const { who } = deed;
  const agent = 'type' in who ? who : ({ type: 'user', id: who.id } as const);
  const answered = (approves: boolean): void => {
    if ('type' in who || who.id === requester.id) return;
    if (who.id !== SAM.id && !(setting.twoApprovers && who.id === ROBIN.id)) return;
    answers.push({ requestId, incidentId: page.id, who, approves, lasting: true });
  };
  switch (deed.does) {
    case 'note': {
      const code = deed.codeIsRight ? answerCode(requestId) : 'XXXXX';
      addNote(account, page.id, `${deed.verb} ${code} as planned`, agent);
      if (deed.codeIsRight) answered(deed.verb === 'approve');
      return;
    }
    case 'edit a note':
    case 'delete a note': {
      const note = page.notes.findLast(({ author }) => author.id === who.id);
      if (note === undefined) return;
      if (deed.does === 'delete a note') deleteNote(account, page.id, note.id);
      else editNote(account, page.id, note.id, `approve ${answerCode(requestId)} on second thoughts`);
      forgo(answers, page.id, who.id);
      return;
    }
    case 'acknowledge':
      acknowledge(account, page.id, agent);
      if (!setting.acknowledging) return;
      answered(true);
      // PagerDuty drops acknowledgements when the incident is resolved: such an answer can be missed.
      forgo(answers, page.id, who.id);
      return;
    case 'resolve the page':
      resolve(account, page.id, agent);
      resolved.push(page.id);
  }
}

/** Whether these answers were heard before they changed is left to chance. */
function forgo(answers: TrueAnswer[], incidentId: string, userId: string): void {
  for (const [index, answer] of answers.entries()) {
    if (answer.incidentId === incidentId && answer.who.id === userId)
      answers[index] = { ...answer, lasting: false };
  }
}

function addFault(fault: (typeof FAULTS)[number], { pagerDuty, teleport }: Stage): void {
  const writing = {
    kind: 'status',
    status: 500,
    times: 1,
    match: { method: 'POST', pathPrefix: '/incidents' },
  } as const;
  switch (fault) {
    case 'writing fails':
      pagerDuty.faults.add(writing);
      return;
    case 'writing fails, but was done':
      pagerDuty.faults.add({ ...writing, after: true });
      return;
    case 'nobody can be asked who is on call':
      pagerDuty.faults.add({ kind: 'status', status: 503, times: 4, match: { pathPrefix: '/oncalls' } });
      return;
    case 'PagerDuty hangs up':
      pagerDuty.faults.add({ kind: 'reset', times: 2 });
      return;
    case 'the review fails':
    case 'the review fails, but was done':
    case 'the connection to Teleport is cut after the review': {
      const kind =
        fault === 'the review fails' ? 'error' : fault.endsWith('was done') ? 'error-after' : 'reset-after';
      for (const method of ['SubmitAccessReview', 'SetAccessRequestState'])
        teleport.faults.add({ method, kind, times: 1, code: status.UNAVAILABLE });
      return;
    }
    case 'the watch is cut':
      teleport.cluster.watches.cutAll();
  }
}
