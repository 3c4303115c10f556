import { instantOf, parseInstant, type Instant } from '../../core/values/instant.ts';
import { ConfigError } from '../../config/config-error.ts';
import { duration } from '../../config/written-values.ts';

/**
 * A moment as people write it: `2026-03-03`, `2026-03-03T02:14Z`, or so long ago: `7d`, `12h`. A date without an offset is
 * UTC, as everything in the ledger. Throws ConfigError, naming the option.
 */
export function momentOf(option: string, text: string, nowMs: number): Instant {
  const ago = duration.safeParse(text);
  if (ago.success) return instantOf(nowMs - ago.data);
  const day = /^\d{4}-\d\d-\d\d$/u.test(text) ? `${text}T00:00:00Z` : null;
  const hasOffset = /(?:Z|[+-]\d\d:\d\d)$/iu.test(text);
  const moment = parseInstant(day ?? (hasOffset ? text : `${text}Z`));
  if (moment === null) {
    throw new ConfigError(
      `\`${option} ${text}\` is no moment: write for instance 2026-03-03, 2026-03-03T02:14Z, or 7d for a week ago`,
    );
  }
  return moment;
}
