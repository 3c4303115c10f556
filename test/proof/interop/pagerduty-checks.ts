import { putInTeam, setServiceField } from '../../sim/pagerduty/administration.ts';
import { aServiceField } from '../../sim/pagerduty/builders.ts';
import { FULL_ACCESS_KEY, READ_ONLY_KEY } from '../../sim/pagerduty/reference-world.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { runChecks } from './go-process.ts';
import type { Results } from './results.ts';

/** PagerDuty's own Go client against the simulator. */
export async function checkPagerDuty(command: string, results: Results): Promise<void> {
  await using pagerDuty = await startPagerDuty({ controlPort: 0 });
  const { account } = pagerDuty;
  account.teams.put({ id: 'PTEAM01', name: 'Payments' });
  putInTeam(account, 'PPOLCY1', 'PTEAM01');
  account.serviceFields.put(aServiceField('PFIELD1', 'teleport_selector'));
  setServiceField(account, 'PSERVC1', 'teleport_selector', 'team=payments');
  const args = {
    url: pagerDuty.url,
    'control-url': pagerDuty.controlUrl ?? '',
    'full-key': FULL_ACCESS_KEY,
    'read-key': READ_ONLY_KEY,
    from: 'oncall-approver@example.com',
  };
  await runChecks(
    command,
    Object.entries(args).map(([name, value]) => `-${name}=${value}`),
    results,
  );
}
