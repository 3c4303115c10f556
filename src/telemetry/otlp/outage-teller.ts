import { messageOf } from '../../core/values/cause.ts';
import type { Reporter } from '../../ports/reporter.ts';

/** Once when it cannot be sent any more, and once when it can again. */
export function outageTeller(reporter: Pick<Reporter, 'telemetry'>): (error: Error | null) => void {
  let isOut = false;
  return (error) => {
    if (isOut === (error !== null)) return;
    isOut = error !== null;
    reporter.telemetry({ state: isOut ? 'dropped' : 'sent', cause: error === null ? '' : messageOf(error) });
  };
}
