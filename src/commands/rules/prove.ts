import { loadConfig } from '../../config/load.ts';
import { proveClaims } from '../../rules/claims/prove.ts';
import { MOST_STEPS } from '../../rules/claims/search.ts';
import { digestOfClaims } from '../../service/reloading.ts';
import { progressLine, type Terminal } from '../terminal.ts';

/**
 * `rules prove`: whether the claims of the configuration hold for every request and everything that can be known, without network or
 * credentials. A claim that is broken is told with a case that shows it. Gives exit code 1 unless all are proven. Throws ConfigError.
 */
export async function proveRules(
  { config }: { readonly config: string },
  terminal: Terminal,
): Promise<number> {
  const { policy, claims } = loadConfig(config, terminal.environment, { offline: true });
  using progress = progressLine(claims.length * MOST_STEPS, 'steps at most');
  const onStep = (claim: number, steps: number) => progress.at(claim * MOST_STEPS + steps);
  let proven = 0;
  for await (const proof of proveClaims(claims, policy, onStep)) {
    switch (proof.state) {
      case 'holds':
        proven += 1;
        terminal.print(`holds      ${proof.claim.words}`);
        break;
      case 'broken':
        terminal.print(`BROKEN     ${proof.claim.words}`);
        terminal.print('# A case for `rules test` that shows it, and passes once the rules are right:');
        for (const line of proof.test.trimEnd().split('\n')) terminal.print(line);
        break;
      case 'undecided':
      case 'possible':
        terminal.print(`UNDECIDED  ${proof.claim.words}`);
        terminal.print(`           ${proof.why}`);
    }
  }
  const isProven = proven === claims.length;
  if (isProven && proven > 0)
    terminal.print(`digest ${digestOfClaims(claims)}, by which decisions name them`);
  terminal.print(`${proven} of ${claims.length} claims hold`);
  return isProven ? 0 : 1;
}
