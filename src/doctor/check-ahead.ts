import { problemsIn } from '../core/forecast/figures.ts';
import type { RuleAhead } from '../core/forecast/forecast.ts';
import { attempt, ok, warning, type Finding } from './finding.ts';

const SUBJECT = 'forecast';

/**
 * One line on the days to come: the first thing that will go wrong, and how much more there is. That they cannot be foretold keeps
 * nobody from being approved.
 */
export async function checkAhead(
  days: number,
  foretell: () => Promise<readonly RuleAhead[]>,
): Promise<readonly Finding[]> {
  const findings = await attempt(SUBJECT, async () => {
    const [first, ...more] = problemsIn(await foretell());
    if (first === undefined)
      return ok(SUBJECT, `nothing goes wrong within ${days} days, as far as it can be told`);
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return warning(
      SUBJECT,
      `rule ${first.rule}: ${first.text}${others}: ${first.remedy}. \`oncall-approver forecast\` tells all of it`,
    );
  });
  return findings.map((each) =>
    each.state === 'failed' ? warning(SUBJECT, `cannot be told: ${each.text}`) : each,
  );
}
