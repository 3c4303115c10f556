import { messageOf } from '../core/values/cause.ts';
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
