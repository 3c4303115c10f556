import { INCIDENT_KEY_PREFIX } from '../../src/core/effects/page-keys.ts';
import type { Incident } from '../sim/pagerduty/incident-model.ts';
import type { Stage } from '../service/stage.ts';
import type { Host } from './host.ts';
import type { Person, Setting } from './plan.ts';

/** An answer that would have to count, as whoever wrote the plan knows. */
export interface TrueAnswer {
  readonly requestId: string;
  readonly incidentId: string;
  readonly who: Person;
  readonly approves: boolean;
  /** Whether the service must come to know it, whenever it looks: not edited, not taken back. */
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

/** The pages of a request, oldest first. */
export function pagesOf(stage: Stage, requestId: string): readonly Incident[] {
  const key = INCIDENT_KEY_PREFIX + requestId;
  return stage
    .incidents()
    .filter(({ incidentKey }) => incidentKey === key || incidentKey.startsWith(`${key}/`));
}
