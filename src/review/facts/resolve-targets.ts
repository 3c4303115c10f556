import type { TargetFact } from '../../core/facts.ts';
import type { Target } from '../../core/rule.ts';
import type { Ask, OnCallDirectory, Schedule } from '../../ports/pagerduty.ts';
import { causeOfMissingFact } from '../cause-of.ts';

/** What the configured names mean, and the schedules among them that no policy uses. */
export interface Resolved {
  readonly facts: readonly TargetFact[];
  readonly unattached: readonly { readonly asked: string; readonly schedule: Schedule }[];
}

/** Looks up every target once; one that cannot be looked up is `unknown` with its cause, and does not hold up the others. */
export async function resolveTargets(
  targets: readonly Target[],
  directory: OnCallDirectory,
  ask: Ask,
): Promise<Resolved> {
  const unique = [...new Map(targets.map((target) => [`${target.kind} ${target.asked}`, target])).values()];
  const found = await Promise.all(unique.map((target) => resolve(target, directory, ask)));
  return {
    facts: found.map(({ fact }) => fact),
    unattached: found.flatMap(({ fact, schedule }) =>
      schedule === null || schedule.attached ? [] : [{ asked: fact.asked, schedule }],
    ),
  };
}

async function resolve(
  target: Target,
  directory: OnCallDirectory,
  ask: Ask,
): Promise<{ readonly fact: TargetFact; readonly schedule: Schedule | null }> {
  try {
    switch (target.kind) {
      case 'service': {
        const { id, summary, escalationPolicy, status } = await directory.service(target.asked, ask);
        const disabled = status === 'disabled';
        const fact = {
          ...target,
          state: 'known',
          id,
          name: summary,
          policy: escalationPolicy,
          disabled,
        } as const;
        return { fact, schedule: null };
      }
      case 'escalation policy': {
        const { id, summary } = await directory.escalationPolicy(target.asked, ask);
        return { fact: known(target, id, summary), schedule: null };
      }
      case 'schedule': {
        const schedule = await directory.schedule(target.asked, ask);
        return { fact: known(target, schedule.id, schedule.summary), schedule };
      }
    }
  } catch (error) {
    return { fact: { ...target, state: 'unknown', cause: causeOfMissingFact(error) }, schedule: null };
  }
}

function known(target: Target, id: string, name: string): TargetFact {
  return { ...target, state: 'known', id, name, policy: null, disabled: false };
}
