import type { ClaimConfig } from '../../config/schema.ts';
import { yamlText } from '../../config/yaml-text.ts';
import type { Policy } from '../../core/rule.ts';
import { CaseFile } from '../case-schema.ts';
import { askedIn } from '../run-case.ts';
import { isBrokenBy, type Claim } from './claim.ts';
import { exampleWorld, MANNERS } from './example-world.ts';
import { Undecided } from './patterns.ts';
import { waysToBreak, type Way } from './search.ts';
import { tryClaim, type Proof } from './try-claim.ts';

/** More ways are not tried to be played. */
const MOST_WAYS = 50;

/** Whether the claim is proven; where it is broken, the smallest case that shows it, by `decide` itself. */
export async function proveClaim(written: ClaimConfig, policy: Policy): Promise<Proof> {
  const tried = tryClaim(written, policy);
  if (tried.state !== 'possible') return tried;
  const { claim } = tried;
  try {
    let left = MOST_WAYS;
    for (const way of waysToBreak(claim, policy)) {
      const test = await shownBy(way, claim, policy);
      if (test !== null) return { claim, state: 'broken', test };
      left -= 1;
      if (left === 0) break;
    }
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
  }
  return { claim, state: 'undecided', why: 'it may be broken, and no case was found that shows it' };
}

async function shownBy(way: Way, claim: Claim, policy: Policy): Promise<string | null> {
  for (const manner of MANNERS) {
    const given = exampleWorld(way, policy, manner);
    if (given === null) continue;
    const file = {
      cases: [
        {
          name: `never: ${claim.words}`,
          given,
          expect: { verdict: 'escalate' },
        },
      ],
    };
    const [parsed] = CaseFile.parse(file).cases;
    if (parsed === undefined) continue;
    const asked = await askedIn(parsed.given, policy);
    if (isBrokenBy(asked, claim, policy)) return yamlText(file);
  }
  return null;
}
