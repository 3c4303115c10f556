import { messageOf } from '../core/values/cause.ts';
import type { PagerDutyError } from '../ports/pagerduty.ts';
import type { TeleportError } from '../ports/teleport.ts';

/** One thing that `check` looked at. `failed` means: the service cannot do its work like this. */
export interface Finding {
  readonly state: 'ok' | 'warning' | 'failed';
  /** For instance `teleport` or `rule prod-oncall`. */
  readonly subject: string;
  /** One sentence; for what is not ok, with the remedy. */
  readonly text: string;
}

export function ok(subject: string, text: string): Finding {
  return { state: 'ok', subject, text };
}

export function warning(subject: string, text: string): Finding {
  return { state: 'warning', subject, text };
}

export function failed(subject: string, text: string): Finding {
  return { state: 'failed', subject, text };
}

/** The answer, or null where the system that is asked has none, by an error of this class. */
export async function orNull<T>(
  answer: Promise<T>,
  fails: typeof TeleportError | typeof PagerDutyError,
): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof fails) return null;
    throw error;
  }
}

/** The finding that the step makes, or the failure of the step as a finding. */
export async function attempt(
  subject: string,
  step: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await step()].flat();
  } catch (error) {
    return [failed(subject, messageOf(error))];
  }
}
