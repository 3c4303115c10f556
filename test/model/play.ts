import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../sim/pagerduty/refusal.ts';
import { StatusError } from '../sim/teleport/errors.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import { Stage } from '../service/stage.ts';
import { WEBHOOK_SECRET, WEBHOOKS, writeSecrets } from '../service/webhook-stage.ts';
import { addFault, befall } from './deeds.ts';
import type { Host } from './host.ts';
import { ROBIN, SAM, TAYLOR, type Plan, type Setting, type Step } from './plan.ts';
import type { Play } from './run.ts';

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
        ...(setting.approversKnown
          ? [{ map: Object.fromEntries([SAM, TAYLOR, ROBIN].map((each) => [each.teleportUser, each.id])) }]
          : []),
        { trait: 'email' },
      ],
    },
  });
  await writeSecrets(stage, [WEBHOOK_SECRET, 'another secret, for the next rotation']);
  return stage;
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
