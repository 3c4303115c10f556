import { answerCode } from '../../../src/core/answers/answer.ts';
import { repointService, setOverride } from '../../sim/pagerduty/administration.ts';
import { aLayer, aPolicy, aRule, aSchedule } from '../../sim/pagerduty/builders.ts';
import { acknowledge } from '../../sim/pagerduty/incident-life.ts';
import { isOpen, type Incident } from '../../sim/pagerduty/incident-model.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { openIncident } from '../../sim/pagerduty/incident-opening.ts';
import { requestResponders } from '../../sim/pagerduty/incident-responders.ts';
import type { Attack } from './attacks.ts';
import { SAM, TAYLOR } from './people.ts';
import { isOurs } from '../pages.ts';
import { pagesOf, type Play } from './run.ts';
import { CHANGES, emailOf, forgo, wasSeen } from './truth.ts';

/** Whom the rules name, and whom they page. */
const TARGET = 'PSERVC1';
const PAGED = 'PSERVC2';
const PRIMARY = 'PSCHED1';
const TAYLORS_POLICY = 'PTAYPOL';
const TAYLORS_SCHEDULE = 'PTAYSCH';

const FLOOD = { requests: 6, notes: 40 };

/** Does it, and keeps what of it decides who may be let in. Throws what either system throws when it refuses. */
export function attackBy(deed: Attack, run: Play): void {
  const { stage, setting, requests, ask } = run;
  const { account } = stage.pagerDuty;
  const { cluster } = stage.teleport;
  const target = 'request' in deed ? requests[deed.request] : undefined;
  const last = (id?: string): Incident | undefined =>
    id === undefined ? undefined : pagesOf(stage, id).at(-1);
  switch (deed.does) {
    case 'change address': {
      if (setting.addresses === 'managed') return;
      const { who, takes } = deed;
      const email = takes === null ? `${who.id}@private.example`.toLowerCase() : emailOf(takes);
      if (account.userByEmail(email) !== undefined) return;
      run.moved.set(who.id, { takes, wasSeen: wasSeen(who, run) });
      account.changeAddress(who.id, email);
      forgo(run, () => true);
      return;
    }
    case 'open an incident': {
      const page = last(target?.id) ?? stage.incidents().find(isOurs);
      const key = { guessed: `oncall-approver/${target?.id ?? ''}`, 'of a page': page?.incidentKey }[
        deed.key === 'random' ? 'of a page' : deed.key
      ];
      openIncident(
        account,
        {
          title: page?.title ?? 'Disk almost full',
          details: page?.details ?? '',
          serviceId: deed.on === 'target' ? TARGET : PAGED,
          ...(deed.key === 'random' || key === undefined ? {} : { incidentKey: key }),
        },
        { type: 'user', id: deed.who.id },
      );
      return;
    }
    case 'answer a foreign incident': {
      const there = stage.incidents().findLast((each) => isOpen(each) && !isOurs(each));
      if (there === undefined || target === undefined) return;
      const agent = { type: 'user', id: deed.who.id } as const;
      if (deed.how === 'acknowledge') acknowledge(account, there.id, agent);
      else addNote(account, there.id, `approve ${answerCode(target.id)} as planned`, agent);
      return;
    }
    case 'rewrite the page': {
      const page = last(target?.id);
      if (page === undefined || !isOpen(page)) return;
      account.incidents.put({ ...page, ...rewritten(page, deed.part) });
      run.rewritten.set(page.id, Date.now());
      forgo(run, ({ incidentId }) => incidentId === page.id);
      return;
    }
    case 'override':
      if (run.offSince !== null) return;
      setOverride(account, { scheduleId: PRIMARY, userId: TAYLOR.id });
      run.offSince = Date.now();
      forgo(run, () => true);
      return;
    case 'move the rota': {
      const policy = account.escalationPolicies.require('PPOLCY1');
      const [first, ...others] = policy.rules;
      if (first === undefined || run.rotaMoved) return;
      run.rotaMoved = true;
      const level = { ...first, targets: [...first.targets, TAYLORS_ROTA] };
      account.escalationPolicies.put({ ...policy, rules: [level, ...others] });
      return;
    }
    case 'repoint the service':
      run.rotaMoved = true;
      repointService(account, TARGET, TAYLORS_POLICY);
      run.repointedAt ??= Date.now();
      return;
    case 'take the name': {
      // Whom the service has never looked up it would believe: it was started before.
      const real = account.services.require(TARGET);
      if (real.name === OLD_NAME) return;
      account.services.put({ ...real, name: OLD_NAME });
      account.services.put({ ...real, id: 'PTAYSVC', escalationPolicyId: TAYLORS_POLICY });
      forgo(run, () => true);
      return;
    }
    case 'ask for help': {
      const open = stage.incidents().findLast((each) => each.serviceId === TARGET && isOpen(each));
      if (open === undefined) return;
      const { who, sender } = deed;
      const userIds = [who.id];
      requestResponders(account, {
        incidentId: open.id,
        requesterId: SAM.id,
        agentId: sender.id,
        message: '',
        userIds,
      });
      const opener = open.logEntries[0]?.agent.id;
      if (sender.id === SAM.id && opener !== who.id && run.offSince === null && run.repointedAt === null)
        run.helped.add(who.id);
      return;
    }
    case 'flood with requests':
      for (let count = 0; count < FLOOD.requests; count += 1) ask(deed.who);
      return;
    case 'flood with notes': {
      const page = stage.incidents().findLast(isOurs);
      for (let count = 0; page !== undefined && count < FLOOD.notes; count += 1)
        addNote(account, page.id, `approved, ${count} times`, { type: 'user', id: deed.who.id });
      return;
    }
    case 'change the request': {
      if (target === undefined || cluster.request(target.id).state !== 'PENDING') return;
      cluster.changeRequest(target.id, CHANGES[deed.part].to);
      run.changed.push({ requestId: target.id, part: deed.part, at: Date.now() });
      forgo(run, ({ requestId }) => requestId === target.id);
    }
  }
}

const OLD_NAME = 'Payments (old)';
const TAYLORS_ROTA = { kind: 'schedule', id: TAYLORS_SCHEDULE } as const;

/** Taylor has a rota of years that leads to nothing, and an incident of monitoring is open for an hour where the rules ask for one. */
export function setTraps({ stage, setting }: Pick<Play, 'stage' | 'setting'>): void {
  const { account } = stage.pagerDuty;
  const schedule = aSchedule({ name: 'Old rota', layers: [aLayer({ userIds: [TAYLOR.id] })] });
  const layers = schedule.layers.map((layer) => ({ id: 'PTAYLAY', ...layer }));
  account.schedules.put({ ...schedule, layers, id: TAYLORS_SCHEDULE });
  const rules = [{ id: 'PTAYRUL', ...aRule([TAYLORS_ROTA]) }];
  account.escalationPolicies.put({ ...aPolicy({ name: 'Old', rules: [] }), id: TAYLORS_POLICY, rules });
  if (setting.openIncident === 'missing') return;
  account.clock.setOffset(-3_600_000);
  openIncident(account, { title: 'checkout fails', serviceId: TARGET }, { type: 'service', id: TARGET });
  account.clock.setOffset(0);
}

/** A title by `PUT /incidents`; the text by that of the first log entry, `PUT /log_entries/{id}/channel`, and in no other way. */
function rewritten(
  { logEntries: [first, ...others] }: Incident,
  part: 'title' | 'details',
): Partial<Incident> {
  const text = 'Disk almost full: acknowledge, it is only noise';
  if (part === 'title' || first === undefined) return { title: text };
  return { logEntries: [{ ...first, channel: { ...first.channel, details: text } }, ...others] };
}
