import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../sim/pagerduty/refusal.ts';
import { StatusError } from '../../sim/teleport/errors.ts';
import { referenceWorld } from '../../sim/teleport/reference-world.ts';
import { Stage } from '../../service/stage.ts';
import { WEBHOOK_SECRET, WEBHOOKS, writeSecrets } from '../../service/webhook-stage.ts';
import { PagerDutyReads } from '../chaos/pagerduty-reads.ts';
import { ledgerCommand } from '../../traceability/terminal.ts';
import { attackBy, setTraps } from './attack-deeds.ts';
import { addFault, befall } from './deeds.ts';
import type { Host } from './host.ts';
import { MAPPED, ROBIN } from './people.ts';
import type { Plan, Step } from './plan.ts';
import type { Setting } from './setting.ts';
import { emailOf } from './truth.ts';
import type { Play } from './run.ts';

/** Plays the plan, each step as soon as its time has come, whatever the service is at. */
export async function play({ setting, steps }: Plan, stage: Stage, host: Host): Promise<Play> {
  const { account, calls } = stage.pagerDuty;
  const requests: Play['requests'] = [];
  const run: Play = {
    ...{ stage, host, setting, requests, answers: [], reviews: [], resolved: [], changed: [] },
    ...{ moved: new Map(), rewritten: new Map(), helped: new Set() },
    ...{ offSince: null, repointedAt: null, rotaMoved: false },
    reads: new PagerDutyReads(calls),
    ask: (who) => {
      const leadsTo = account.userByEmail(emailOf(who))?.id ?? null;
      requests.push({ id: stage.request(who.teleportUser), who, at: Date.now(), leadsTo });
    },
  };
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
  const world = referenceWorld({ edition, submitForUsers, listUsers: submitForUsers });
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
    config: {
      http: WEBHOOKS,
      addresses: setting.addresses,
      ledger: { sqlite: 'ledger.sqlite', ...(setting.sealed ? { key_file: 'ledger-key' } : {}) },
      identities: [
        ...(setting.approversKnown
          ? [{ map: Object.fromEntries(MAPPED.map((each) => [each.teleportUser, each.id])) }]
          : []),
        { trait: 'email' },
      ],
      rules: rulesOf(setting),
    },
  });
  if (setting.sealed) await ledgerCommand('key', 'init', '--config', stage.configFile);
  setTraps({ stage, setting });
  await writeSecrets(stage, [WEBHOOK_SECRET, 'another secret, for the next rotation']);
  return stage;
}

function rulesOf(setting: Setting): readonly object[] {
  const { answerBy, twoApprovers, responders, openIncident, breakGlass, ifResolved } = setting;
  const decide_within = '300ms';
  const ordinary = {
    name: 'prod-oncall',
    roles: ['prodaccess'],
    on_call: { services: ['Payments API'] },
    responders,
    require: { reason: true, open_incident: openIncident === 'not asked for' ? false : { min_age: '5m' } },
    otherwise: 'escalate',
    escalate: { service: 'Access requests', decide_within, if_resolved: ifResolved },
    approvers: {
      answer_by: answerBy === 'acknowledge' ? ['note', 'acknowledge'] : [answerBy],
      on_call: { escalation_policies: ['Payments'], max_level: twoApprovers ? 2 : 1 },
    },
  };
  const escalate = { service: 'Access requests', decide_within };
  return [
    ordinary,
    ...(breakGlass ? [{ name: 'glass', roles: ['prodaccess'], break_glass: true, escalate }] : []),
  ];
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
      if (requests.length < 2) run.ask(step.who);
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
      return;
    case 'attack':
      attackBy(step.deed, run);
  }
}
